package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/client"
)

// keptSession is a terminal's session in the user's own folder. A terminal that ends without a goodbye, because it was killed or the
// machine went down, leaves its name to its session (names.hold); with the session kept, the same person is the same user at the
// next start. It is removed when one leaves. Whoever can read the file can be that user, so nobody else can.
//
// One terminal has it at a time: a second one by the same name finds the name taken, as before, and never ends the first one's
// session with its own.
type keptSession struct {
	file  *os.File // locked; nil where nothing can be kept
	token string
}

// keepSession opens what is kept for a name at an address. Where that can't be, nothing is kept, and nobody is bothered with it.
func keepSession(p *Program, url, name string) *keptSession {
	address, err := client.Address(url)
	folder := p.stateFolder()
	if err != nil || folder == "" || name == "" || os.MkdirAll(folder, 0o700) != nil {
		return &keptSession{}
	}
	sum := sha256.Sum256([]byte(address + "\n" + strings.ToLower(name)))
	file, err := os.OpenFile(filepath.Join(folder, "session-"+hex.EncodeToString(sum[:16])), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return &keptSession{}
	}
	if lockAlone(file) {
		token, err := io.ReadAll(io.LimitReader(file, 1<<10))
		if err == nil {
			return &keptSession{file: file, token: string(token)}
		}
	}
	_ = file.Close() // nothing was written
	return &keptSession{}
}

// keep notes the session as it is now, "" for that there is none any more.
func (k *keptSession) keep(token string) {
	if k.file == nil || token == k.token {
		return
	}
	k.token = token
	if token == "" {
		_ = os.Remove(k.file.Name()) // what is left there is a session that has ended
		return
	}
	if _, err := k.file.WriteAt([]byte(token), 0); err == nil {
		_ = k.file.Truncate(int64(len(token)))
	}
}

// end lets the next terminal have what is kept.
func (k *keptSession) end() {
	if k.file == nil {
		return
	}
	if k.token == "" {
		_ = os.Remove(k.file.Name()) // it was made for nothing
	}
	_ = k.file.Close() // what counts was written before
}

// stateFolder is where programs of this user keep what is to outlast them (XDG Base Directory Specification), "" for nowhere.
func (p *Program) stateFolder() string {
	if folder := p.env("XDG_STATE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "parley")
	}
	if home := p.env("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "parley")
	}
	return ""
}
