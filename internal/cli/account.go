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
	Add    accountAddCmd    `cmd:"" help:"Make an account and print its key, which can't be shown again. Works while the server runs."`
	List   accountListCmd   `cmd:"" help:"List the accounts."`
	Key    accountKeyCmd    `cmd:"" help:"Give an account another key and print it. What the old one opened ends within seconds."`
	Remove accountRemoveCmd `cmd:"" help:"Make an account none: its key opens nothing any more, and what it opened ends within seconds."`
}

type accountAddCmd struct {
	onData

	Name      string `arg:"" help:"What the account is called in the chat."`
	Moderator bool   `help:"It keeps order: removes people, keeps them out, deletes what others said."`
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
	accounts := account.New(db, account.Options{Access: account.Access(cfg.Access), Hold: cfg.Names.Hold})
	add := accounts.AddAccount
	if a.Moderator {
		add = accounts.AddModerator
	}
	_, key, err := add(ctx, a.Name)
	if err != nil {
		return named(a.Name, err)
	}
	_, err = fmt.Fprintln(p.Stdout, key)
	return err
}

type (
	accountListCmd struct{ onData }
	accountKeyCmd  struct {
		onData

		Name string `arg:"" help:"The account's name."`
	}
	accountRemoveCmd struct {
		onData

		Name string `arg:"" help:"The account's name."`
	}
)

// Run lists the accounts, one per line.
func (accountListCmd) Run(ctx context.Context, p *Program, c *commands) error {
	return p.withAccounts(ctx, c, func(accounts *account.Accounts) error {
		all, err := accounts.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, one := range all {
			from := ""
			if one.Configured {
				from = "\tin the settings"
			}
			if one.Moderator {
				from += "\tmoderator"
			}
			if _, err := fmt.Fprintf(p.Stdout, "%s\t%s%s\n", one.Name, one.ID, from); err != nil {
				return err
			}
		}
		return nil
	})
}

// Run prints the new key alone, for scripts.
func (a accountKeyCmd) Run(ctx context.Context, p *Program, c *commands) error {
	return p.withAccounts(ctx, c, func(accounts *account.Accounts) error {
		key, err := accounts.NewKey(ctx, a.Name)
		if err != nil {
			return named(a.Name, err)
		}
		_, err = fmt.Fprintln(p.Stdout, key)
		return err
	})
}

// Run removes the account, and says nothing when that went well.
func (a accountRemoveCmd) Run(ctx context.Context, p *Program, c *commands) error {
	return p.withAccounts(ctx, c, func(accounts *account.Accounts) error { return named(a.Name, accounts.RemoveAccount(ctx, a.Name)) })
}

// withAccounts opens the accounts of a chat that is there.
func (p *Program) withAccounts(ctx context.Context, c *commands, do func(*account.Accounts) error) (err error) {
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Data, databaseFile)
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no chat in %s; name its folder with --data", cfg.Data)
	case err != nil:
		return fmt.Errorf("the chat can't be opened; run this as the server's user (sudo): %w", err)
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(account.New(db, account.Options{Access: account.Access(cfg.Access), Hold: cfg.Names.Hold}))
}

// named says whose account was refused.
func named(name string, err error) error {
	var refused *account.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%q: %s", name, refused.Message)
	}
	return err
}

// newAccounts opens the accounts, with those of the settings.
func newAccounts(ctx context.Context, cfg config.Config, db *store.Store, hub *chat.Hub) (*account.Accounts, error) {
	accounts := account.New(db, account.Options{
		Access: account.Access(cfg.Access), Hold: cfg.Names.Hold,
		InUse: func(id string) bool { return hub.Online(chat.UserID(id)) }, Open: hub.Sessions,
	})
	configured := make([]account.Account, len(cfg.Accounts))
	for i, c := range cfg.Accounts {
		configured[i] = account.Account{ID: c.ID, Name: c.Name, KeyHash: c.Key, Moderator: c.Role == "moderator"}
	}
	return accounts, accounts.SyncAccounts(ctx, configured)
}

// purgeEvery is how often what is left of people who are gone is removed.
const purgeEvery = 24 * time.Hour
