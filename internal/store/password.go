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
	key := p.key(password, salt, argonTimes, argonMemory, argonLanes)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTimes, argonLanes, encode(salt), encode(key))
}

// fits reports whether a password is the one that was hashed, by what its hashing took then.
func (p *passwords) fits(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var memory, times uint32
	var lanes uint8
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &times, &lanes)
	if err != nil || times == 0 || lanes == 0 {
		return false
	}
	salt, bad := base64.RawStdEncoding.DecodeString(parts[4])
	key, alsoBad := base64.RawStdEncoding.DecodeString(parts[5])
	return bad == nil && alsoBad == nil && subtle.ConstantTimeCompare(key, p.key(password, salt, times, memory, lanes)) == 1
}

func (p *passwords) key(password string, salt []byte, times, memory uint32, lanes uint8) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return argon2.IDKey([]byte(password), salt, times, memory, lanes, argonKey)
}
