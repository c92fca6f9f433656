//go:build !unix

package cli

import (
	"log/slog"
	"os"
	"path/filepath"
)

// lockFolder makes the data folder. That it has one server only is up to people where the system has no such locks.
func lockFolder(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(folder, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
}

// raiseFileLimit has nothing to do where the system has no such limit.
func raiseFileLimit(*slog.Logger) {}

// folderInUse knows nothing where the system has no such locks.
func folderInUse(string) (running, known bool) { return false, false }

// openFilesLimit knows nothing where the system has no such limit.
func openFilesLimit() (uint64, bool) { return 0, false }

// mayWrite lets the first start find out.
func mayWrite(string) bool { return true }

// isMine lets the first start find out.
func isMine(os.FileInfo) bool { return true }
