package cli

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"parley/internal/config"
	"parley/internal/store"
	"parley/internal/upload"
)

// filesFolder is the folder in the data folder that holds what people have sent.
const filesFolder = "files"

// openUploads opens the files that people have sent, and removes those that nobody is given any more until close is called.
func openUploads(ctx context.Context, cfg config.Config, db *store.Store, log *slog.Logger) (u *upload.Uploads, end func(), err error) {
	u, err = upload.Open(ctx, upload.Options{
		Folder: filepath.Join(cfg.Data, filesFolder), Index: db, Logger: log,
		Limits: upload.Limits{
			FileBytes: cfg.Upload.FileBytes, UserBytes: cfg.Upload.UserBytes, TotalBytes: cfg.Upload.TotalBytes,
			PerMinute: cfg.RateLimit.InForce().Uploads, Expire: cfg.Upload.Expire,
		},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("the files in %s can't be read: %w", cfg.Data, err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { u.Run(ctx) })
	return u, func() { cancel(); running.Wait() }, nil
}
