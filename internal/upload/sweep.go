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
	for _, shard := range shards {
		if len(shard.Name()) != shardLength || !shard.IsDir() {
			continue
		}
		if err := u.clearShard(ctx, shard.Name()); err != nil {
			return err
		}
	}
	return nil
}

// clearShard removes what has no row from one folder. What isn't called as ours are is left alone.
func (u *Uploads) clearShard(ctx context.Context, shard string) error {
	known, err := u.opts.Index.KnownFiles(ctx, shard)
	if err != nil {
		return err
	}
	slices.Sort(known)
	folder := filepath.Join(u.opts.Folder, shard)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		id := strings.TrimSuffix(entry.Name(), thumbEnding)
		if _, found := slices.BinarySearch(known, id); found || !isID(id) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
