//go:build unix

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder makes this the one server of a data folder until the file that it returns is closed, or the process ends however.
func lockFolder(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s can't be made: %w", folder, errors.Unwrap(err))
	}
	file, err := os.OpenFile(filepath.Join(folder, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s can't be written to: %w", folder, errors.Unwrap(err))
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close() // nothing was written
		return nil, fmt.Errorf("another server uses the data folder %s; stop that one, or choose another folder with --data", folder)
	}
	return file, nil
}

// raiseFileLimit lets the process have as many open files, and so connections, as the system allows it.
func raiseFileLimit(log *slog.Logger) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	if err == nil && limit.Cur < limit.Max {
		limit.Cur = limit.Max
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
	if err != nil {
		log.Warn("the number of connections may be limited by the system", "open_files", limit.Cur, "error", err)
	}
}

// folderInUse reports whether a server uses a data folder, where this user may see that. It changes nothing.
func folderInUse(folder string) (running, known bool) {
	file, err := os.Open(filepath.Join(folder, lockFile))
	if err != nil {
		return false, errors.Is(err, fs.ErrNotExist)
	}
	defer file.Close()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	running = errors.Is(err, syscall.EWOULDBLOCK)
	return running, running || err == nil
}

// openFilesLimit is how many open files the system allows the server, which raises its own limit up to that.
func openFilesLimit() (uint64, bool) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	return uint64(limit.Max), err == nil //nolint:unconvert // its type differs between systems
}

// mayWrite reports whether this user may write into a folder.
func mayWrite(folder string) bool {
	const write, search = 2, 1 // of access(2)
	return syscall.Access(folder, write|search) == nil
}

// isMine reports whether a file belongs to this user.
func isMine(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(s.Uid) == os.Geteuid()
}
