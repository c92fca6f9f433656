package store

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// What Argon2id takes to hash a room's password, as OWASP has it for servers: 19 MiB, twice, which is some 30 ms.
const (
	argonMemory = 19 << 10 // KiB
	argonTimes  = 2
	argonLanes  = 1
	argonKey    = 32 // bytes
	argonSalt   = 16
)

// passwords hashes one at a time: however many try, there is memory for one, and the other processor is for the chat.
type passwords struct{ mu sync.Mutex }

// hash returns how a password is kept, with all that it takes to compare one with it.
func (p *passwords) hash(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key := p.key(password, salt)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTimes, argonLanes, encode(salt), encode(key))
}

// fits reports whether a password is the one that was hashed.
func (p *passwords) fits(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	salt, bad := base64.RawStdEncoding.DecodeString(parts[4])
	key, alsoBad := base64.RawStdEncoding.DecodeString(parts[5])
	return bad == nil && alsoBad == nil && subtle.ConstantTimeCompare(key, p.key(password, salt)) == 1
}

func (p *passwords) key(password string, salt []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return argon2.IDKey([]byte(password), salt, argonTimes, argonMemory, argonLanes, argonKey)
}
