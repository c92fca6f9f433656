package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/store"
	"parley/internal/upload"
)

// Free space on the disk, in bytes, below which doctor warns and below which it is a problem; and a log beside the database that is
// larger than it should ever get.
const (
	freeLittle = 1 << 30
	freeNone   = 64 << 20
	logLarge   = 256 << 20
)

// folder looks at the data folder: whether it is there, whose it is and what disk it is on.
func (x *examination) folder() {
	const about = "folder"
	dir := x.cfg.Data
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.warn(about, noChatDo, "%s is not there", dir)
		return
	case err != nil:
		x.bad(about, "Let the user who runs the server read it.", "%s can't be looked into: %v", dir, err)
		return
	case !info.IsDir():
		x.bad(about, "Move it away, or choose another folder with --data.", "%s is a file, so that nothing can be kept in it", dir)
		return
	}
	disk, known := diskOf(dir)
	there, hidden := x.hasDatabase()
	switch {
	case !mayWrite(dir) && !isMine(info) && !(known && disk.readOnly):
		x.bad(about, asServersUser+" If there is none yet, give the folder to whoever shall run it.",
			"%s belongs to another user, and can't be written to by this one", dir)
	case !mayWrite(dir) || known && disk.readOnly:
		x.bad(about, "Give it to the user who runs the server, or mount the disk for writing.",
			"%s can't be written to by this user: no message can be stored", dir)
	case !isMine(info):
		x.warn(about, "Run this command, and the server, as the user whom the folder belongs to.", "%s belongs to another user", dir)
	case !there && hidden == nil:
		x.fine(about, "%s is there", dir) // whose it should be can't be said: it may be the wrong one
	case info.Mode().Perm()&0o077 != 0:
		x.warn(about, "chmod 700 "+dir, "%s is open to other users of this machine; they may read what was said", dir)
	default:
		x.fine(about, "%s belongs to this user, and to nobody else", dir)
	}
	if known {
		x.disk(disk)
	}
}

func (x *examination) disk(d disk) {
	const about = "disk"
	switch {
	case d.free < freeNone:
		x.bad(about, "Make room on it; the server takes messages again by itself.",
			"%s free: messages are refused as soon as that is used up", bytes(d.free))
	case d.network:
		x.warn(about, "Keep the data folder on a disk of this machine.",
			"%s is a disk in the network, whose locks and crash safety a database can't rely on", d.kind)
	case d.memory:
		x.warn(about, "Keep the data folder on a disk.", "%s is memory: all that was said is gone when this machine restarts", d.kind)
	case d.free < freeLittle:
		x.warn(about, "Make room on it in time.", "only %s free", bytes(d.free))
	default:
		x.fine(about, "%s free on %s", bytes(d.free), d.kind)
	}
}

// noChatDo is what to do where there is no chat.
const noChatDo = "If there should be one, name its folder with --data, or mount its disk. Otherwise the first start makes it."

// hasDatabase reports whether there is a database in the folder, or why that can't be said. An empty file without a log is none: the
// server starts on it as on a new one.
func (x *examination) hasDatabase() (bool, error) {
	file, err := os.Open(x.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	info, err := file.Stat()
	if err = errors.Join(err, file.Close()); err != nil {
		return false, err
	}
	if info.Size() > 0 {
		return true, nil
	}
	_, err = os.Stat(x.path() + "-wal")
	return err == nil, nil
}

// database reads the database as a whole.
func (x *examination) database(ctx context.Context) {
	const about = "database"
	there, err := x.hasDatabase()
	switch {
	case errors.Is(err, fs.ErrPermission):
		x.bad(about, asServersUser, "%s can't be read by this user", x.path())
		return
	case err == nil && !there && x.running:
		x.bad(about, "Put it back. If it was deleted, don't restart the server before its content was saved from /proc/PID/fd.",
			"a server runs on %s, and its database is not there: what is said now is refused or lost", x.cfg.Data)
		return
	case err == nil && !there:
		x.warn(about, noChatDo, "there is no chat in %s", x.cfg.Data)
		return
	}
	found, err := store.Inspect(ctx, x.path())
	switch {
	case err != nil:
		x.bad(about, "", "%v", err)
		return
	case len(found.Damage) > 0:
		x.bad(about, "Stop the server, keep a copy of the folder, and put the latest backup in the place of "+x.path()+".",
			"it is damaged; messages may be unreadable, and the damage may grow: %s", strings.Join(found.Damage, "; "))
		return
	case found.Schema > found.Known:
		x.bad(about, "Start the version that wrote it, or a later one.",
			"a newer version wrote it (schema %d, this program knows up to %d); this one does not start on it", found.Schema, found.Known)
		return
	case found.Schema < found.Known:
		x.fine(about, "an older version wrote it; the next start brings it up to date. Save it before: parley backup")
		return
	}
	healthy := true
	for _, g := range found.Gaps {
		healthy = false
		x.bad(about, "Something else has written to it. Compare with a backup; who comes back to the room may miss messages.",
			"the room %s is at seq %d and has %s", g.Room, g.Last, many(int(g.Events), "event"))
	}
	if found.Orphans > 0 {
		healthy = false
		x.warn(about, "Something else has written to it. Compare with a backup.",
			"%s of users who are missing: their sessions or keys do not work", many(found.Orphans, "row"))
	}
	if found.Strays > 0 {
		healthy = false
		x.warn(about, "Something else has written to it. Compare with a backup.",
			"%s of reactions, pins, mentions or files beside messages that are missing", many(found.Strays, "row"))
	}
	if found.Log > logLarge {
		healthy = false
		x.warn(about, "If it stays so, end what reads the database for long, and restart the server.",
			"the log beside it has %s; the next start takes longer", bytes(found.Log))
	}
	if healthy {
		x.fine(about, "whole, with %s in %s, without gaps (%s)", many(int(found.Events), "event"), many(int(found.Rooms), "room"), bytes(found.Bytes))
	}
	x.files(found.Files)
	if ahead := time.Until(found.Newest); ahead > time.Minute {
		x.warn("clock", "Set this machine's clock, best by NTP.", "it is %s behind the latest stored message; times in the chat go backwards",
			ahead.Round(time.Second))
	}
}

// files looks whether what people have sent is there, and how much of what is allowed it takes.
func (x *examination) files(files []upload.File) {
	const about = "files"
	var size int64
	missing := 0
	for i := range files {
		size += files[i].Bytes()
		if upload.Missing(filepath.Join(x.cfg.Data, filesFolder), &files[i]) {
			missing++
		}
	}
	most := x.cfg.Upload.TotalBytes
	switch {
	case missing > 0:
		x.bad(about, "Put back the folder "+filepath.Join(x.cfg.Data, filesFolder)+", from the backup that belongs to the database.",
			"of %s, %d are not there as they were sent", many(len(files), "file"), missing)
	case most > 0 && size > most/10*9:
		x.warn(about, "Raise upload.total_bytes, set upload.expire, or delete some.",
			"%s take %s, and may take %s: further ones are refused soon", many(len(files), "file"), bytes(size), bytes(most))
	case len(files) > 0:
		x.fine(about, "%s, which take %s", many(len(files), "file"), bytes(size))
	}
}

// disk is what a folder is on.
type disk struct {
	kind     string
	network  bool
	memory   bool
	readOnly bool
	free     int64 // bytes
}
