package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"parley/handlers"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/lan"
	"parley/internal/relay"
	"parley/internal/store"
	"parley/internal/wire"
)

// stopWithin is how long stopping may take.
const stopWithin = 9 * time.Second

type serveCmd struct{}

// Run serves the chat until ctx ends.
func (serveCmd) Run(ctx context.Context, p *Program, c *commands) (err error) {
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	log := newLogger(p, cfg)
	raiseFileLimit(log)

	lock, err := lockFolder(cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	metrics := handlers.NewMetrics(p.Version, store.Troubles)
	db, err := store.OpenWith(ctx, filepath.Join(cfg.Data, databaseFile), store.Options{
		Logger: log, Committed: metrics.Committed, Failed: metrics.StoreFailed,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	uploads, endUploads, err := openUploads(ctx, cfg, db, log)
	if err != nil {
		return err
	}
	defer endUploads()

	rates := cfg.RateLimit.InForce()
	limits := chat.Limits{
		MessageLength: cfg.Limits.MessageLength, Messages: rates.Messages, Burst: rates.Burst, Rooms: cfg.Limits.Rooms, FileBytes: cfg.Upload.FileBytes,
		Commands: rates.Commands, CommandsBurst: rates.CommandsBurst,
	}
	hub := chat.NewHub(chat.Options{
		Log: db, Shelf: db, People: db, Finder: db, Files: db, Relay: relay.Local{}, Limits: limits, Grace: cfg.Presence.Grace, Logger: log,
		Renderer: wire.Renderer{},
	})
	accounts, err := newAccounts(ctx, cfg, db, hub)
	if err != nil {
		return errors.Join(db.Explain(err), hub.Drain(ctx))
	}
	listener, err := listen(cfg.Listen)
	if err != nil {
		return errors.Join(err, hub.Drain(ctx))
	}
	addresses := lan.URLs(listener.Addr())
	web, err := handlers.New(handlers.Deps{
		Config: cfg, Hub: hub, People: db, Accounts: accounts, Limits: limits, Ready: db.Ready, Waiting: db.Waiting, Unindexed: db.Unindexed, Metrics: metrics, Uploads: uploads,
		Views: p.folder(cfg, "views", p.Views), Static: p.folder(cfg, "static", p.Static),
		Name: chatName(cfg), LANURL: lan.Best(addresses), QR: lan.SVG, Log: log,
	})
	if err != nil {
		return errors.Join(err, listener.Close(), hub.Drain(ctx))
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	p.announce(listener.Addr(), addresses)

	purge := time.NewTicker(purgeEvery)
	defer purge.Stop()
	for running := true; running; {
		select {
		case <-purge.C:
			if err := accounts.Purge(ctx); err != nil {
				log.Error("what is left of people who are gone was not removed; tomorrow again", "error", err)
			}
		case err = <-served: // it can't serve at all
			running = false
		case <-ctx.Done():
			running = false
		}
	}
	log.Info("stopping: what is being said is stored, and everyone is told")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	web.Stop(stopping)
	return err
}

// The files in the data folder: the database, and what says that a server uses it.
const (
	databaseFile = "parley.db"
	lockFile     = "parley.lock"
)

// listen opens the port, or says in one line why it can't.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program; stop that one, or choose another port with --listen :3001", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be used by this user; choose a port from 1024 on with --listen", address)
	default:
		return nil, fmt.Errorf("can't listen on %s: %w", address, err)
	}
}

// newLogger logs to standard error, as the settings say.
func newLogger(p *Program, cfg config.Config) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo // the settings have been checked
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.Stderr, options))
}

// folder is where templates or static files are read from: the binary, or with --dev the disk, where they can be edited.
func (p *Program) folder(cfg config.Config, name string, embedded fs.FS) fs.FS {
	if cfg.Dev {
		return os.DirFS(name)
	}
	return embedded
}

// chatName is what the chat is called: as set, or as the machine.
func chatName(cfg config.Config) string {
	if cfg.Name != "" {
		return cfg.Name
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "Parley"
	}
	name, _, _ = strings.Cut(name, ".")
	return name
}
