package store

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// What hashing takes may change with a version: the passwords of rooms of before go on opening them.
func TestPasswordsFitWhatTheyWereHashedWith(t *testing.T) {
	var p passwords
	salt := []byte("a salt of before")
	encode := base64.RawStdEncoding.EncodeToString
	before := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", encode(salt), encode(argon2.IDKey([]byte("plum"), salt, 1, 64, 1, argonKey)))
	now := p.hash("plum")
	for _, hash := range []string{before, now} {
		if !p.fits(hash, "plum") || p.fits(hash, "plums") || p.fits(hash, "") {
			t.Errorf("%s fits other passwords", hash)
		}
	}
	for _, broken := range []string{
		"", "$", "plum", strings.Replace(before, "t=1", "t=0", 1), strings.Replace(before, "p=1", "p=0", 1), strings.Replace(before, "m=64,", "", 1),
		strings.Replace(before, "argon2id", "argon2i", 1), strings.Replace(before, "v=19", "v=16", 1), before[:strings.LastIndex(before, "$")+1], before + "!",
	} {
		if p.fits(broken, "plum") {
			t.Errorf("%q fits", broken)
		}
	}
}
