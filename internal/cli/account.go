package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/store"
)

type accountCmd struct {
	Add accountAddCmd `cmd:"" help:"Make an account and print its key, which can't be shown again. Works while the server runs."`
}

type accountAddCmd struct {
	Name string `arg:"" help:"What the account is called in the chat."`
}

// Run makes an account and prints its key alone, for scripts.
func (a accountAddCmd) Run(ctx context.Context, p *Program, c *commands) (err error) {
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Data, databaseFile)
	_, missing := os.Stat(path)
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if errors.Is(missing, fs.ErrNotExist) { // perhaps not the folder that was meant
		fmt.Fprintf(p.Stderr, "parley: there was no chat in %s; a new one was made for this account\n", cfg.Data)
	}
	_, key, err := account.New(db, account.Options{Access: account.Access(cfg.Access), Hold: cfg.Names.Hold}).AddAccount(ctx, a.Name)
	var refused *account.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%q: %s", a.Name, refused.Message)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Stdout, key)
	return err
}

// newAccounts opens the accounts, with those of the settings.
func newAccounts(ctx context.Context, cfg config.Config, db *store.Store, hub *chat.Hub) (*account.Accounts, error) {
	accounts := account.New(db, account.Options{
		Access: account.Access(cfg.Access), Hold: cfg.Names.Hold,
		InUse: func(id string) bool { return hub.Online(chat.UserID(id)) },
	})
	configured := make([]account.Account, len(cfg.Accounts))
	for i, c := range cfg.Accounts {
		configured[i] = account.Account{ID: c.ID, Name: c.Name, KeyHash: c.Key}
	}
	return accounts, accounts.SyncAccounts(ctx, configured)
}

// purgeEvery is how often what is left of people who are gone is removed.
const purgeEvery = 24 * time.Hour
