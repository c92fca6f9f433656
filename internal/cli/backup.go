package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"parley/internal/store"
	"parley/internal/upload"
)

type backupCmd struct {
	onData

	File string `arg:"" help:"Where to save it. A file that is there is left alone."`
}

// filesBeside is what the folder of a backup's files is called: as the backup, and this behind.
const filesBeside = ".files"

// Run saves the chat into one file, and what people have sent into a folder beside it, while the server runs or not.
func (b backupCmd) Run(ctx context.Context, p *Program, c *commands) error {
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	if b.File == "" {
		return errors.New("name a file to save the chat into, like parley-backup.db")
	}
	beside := b.File + filesBeside
	if _, err := os.Lstat(beside); err == nil {
		return fmt.Errorf("%s is there already; choose another name, or move it away", beside)
	}
	saved, err := store.Backup(ctx, filepath.Join(cfg.Data, databaseFile), b.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "saved %s of %s to %s (%s)\n",
		many(int(saved.Events), "event"), many(int(saved.Rooms), "room"), b.File, bytes(saved.Bytes))
	if err != nil || len(saved.Files) == 0 {
		return err
	}
	return saveFiles(p, filepath.Join(cfg.Data, filesFolder), beside, saved.Files)
}

// saveFiles saves the files that belong to a backup. Those whose message is deleted while it runs are left out.
func saveFiles(p *Program, from, to string, files []upload.File) error {
	var count int
	var size int64
	for i := range files {
		f := &files[i]
		switch err := upload.Save(from, to, f); {
		case errors.Is(err, upload.ErrNotFound):
		case err != nil:
			return fmt.Errorf("the messages are saved, and not all files: %w", err)
		default:
			count++
			size += f.Bytes()
		}
	}
	text := fmt.Sprintf("saved %s to %s (%s)", many(count, "file"), to, bytes(size))
	if missing := len(files) - count; missing > 0 {
		text += fmt.Sprintf("; of %d more the bytes are not there", missing)
	}
	_, err := fmt.Fprintln(p.Stdout, text)
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
