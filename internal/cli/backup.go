package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"parley/internal/store"
)

type backupCmd struct {
	onData

	File string `arg:"" help:"Where to save it. A file that is there is left alone."`
}

// Run saves the chat into one file, while the server runs or not.
func (b backupCmd) Run(ctx context.Context, p *Program, c *commands) error {
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	if b.File == "" {
		return errors.New("name a file to save the chat into, like parley-backup.db")
	}
	saved, err := store.Backup(ctx, filepath.Join(cfg.Data, databaseFile), b.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "saved %s of %s to %s (%s)\n",
		many(int(saved.Events), "event"), many(int(saved.Rooms), "room"), b.File, bytes(saved.Bytes))
	return err
}

// bytes writes a size as people read it.
func bytes(n int64) string {
	const step = 1024
	switch {
	case n >= step*step*step:
		return fmt.Sprintf("%.1f GB", float64(n)/(step*step*step))
	case n >= step*step:
		return fmt.Sprintf("%.1f MB", float64(n)/(step*step))
	default:
		return fmt.Sprintf("%d KB", (n+step-1)/step)
	}
}
