package upload

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	unsentFor  = 24 * time.Hour // how long a file may wait to be sent
	sweepEvery = time.Minute
	sweepMost  = 100 // files at a time, so that nobody waits for long who wants to write meanwhile
)

// Run removes what nobody is given any more, until ctx ends.
func (u *Uploads) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for failed := false; ; {
		err := u.Sweep(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed:
			u.opts.Logger.Error("files that are deleted or too old were not removed from the disk; it is tried again", "error", err)
		}
		failed = err != nil
		select {
		case <-tick.C:
		case <-u.opts.Index.FilesDropped():
		case <-ctx.Done():
			return
		}
	}
}

// Sweep removes once what nobody is given any more.
func (u *Uploads) Sweep(ctx context.Context) error {
	now := u.opts.Now()
	sent := time.Time{}
	if age := u.opts.Limits.Expire; age > 0 {
		sent = now.Add(-age)
	}
	if err := u.opts.Index.AgeFiles(ctx, now.Add(-unsentFor), sent); err != nil {
		return err
	}
	for {
		files, err := u.opts.Index.FilesToRemove(ctx, sweepMost)
		if err != nil || len(files) == 0 {
			return err
		}
		ids, bytes := make([]string, len(files)), int64(0)
		for i := range files {
			f := &files[i]
			for _, path := range []string{u.path(f.ID), u.path(f.ID) + thumbEnding} {
				if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
					return err
				}
			}
			ids[i] = f.ID
			bytes += f.Bytes()
		}
		if err := u.opts.Index.FilesRemoved(ctx, ids); err != nil {
			return err
		}
		u.mu.Lock()
		u.files -= int64(len(files))
		u.bytes -= bytes
		u.mu.Unlock()
	}
}

// clear removes what was being uploaded when the server ended, and what has no row. Nobody uploads yet.
//
// There are no more files without a row than could be on their way to it at one moment. Where there are, the database isn't the one
// that the folder belongs to, and all of them are left alone.
func (u *Uploads) clear(ctx context.Context) error {
	begun := filepath.Join(u.opts.Folder, beginnings)
	left, err := os.ReadDir(begun)
	if err != nil {
		return err
	}
	for _, entry := range left {
		if err := os.Remove(filepath.Join(begun, entry.Name())); err != nil {
			return err
		}
	}
	shards, err := os.ReadDir(u.opts.Folder)
	if err != nil {
		return err
	}
	var stray []string
	for _, shard := range shards {
		if len(shard.Name()) != shardLength || !shard.IsDir() {
			continue
		}
		found, err := u.strays(ctx, shard.Name())
		if err != nil {
			return err
		}
		stray = append(stray, found...)
	}
	if len(stray) > 2*underMost { // each with its small picture
		u.opts.Logger.Warn("files lie in the data folder that the database knows nothing of; they are left there", "files", len(stray))
		return nil
	}
	for _, path := range stray {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// strays are the files of one folder that have no row. What isn't called as ours are is none of our business.
func (u *Uploads) strays(ctx context.Context, shard string) (paths []string, err error) {
	known, err := u.opts.Index.KnownFiles(ctx, shard)
	if err != nil {
		return nil, err
	}
	slices.Sort(known)
	folder := filepath.Join(u.opts.Folder, shard)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		id := strings.TrimSuffix(entry.Name(), thumbEnding)
		if _, found := slices.BinarySearch(known, id); !found && isID(id) {
			paths = append(paths, filepath.Join(folder, entry.Name()))
		}
	}
	return paths, nil
}
