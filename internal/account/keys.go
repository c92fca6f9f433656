package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Account is an account of the configuration.
type Account struct {
	ID        string // 1 to 32 of a-z 0-9 - _
	Name      string
	KeyHash   string // "sha256:" and the hash of the key in hexadecimal
	Moderator bool   // keeps order in the chat
}

// AddAccount makes an account with a new key, which is nowhere else and can't be shown again. The error is an *Error where the name
// is at fault.
func (a *Accounts) AddAccount(ctx context.Context, text string) (User, string, error) {
	name, err := CheckName(text)
	if err != nil {
		return User{}, "", err
	}
	var user User
	key := "prl_" + newToken()
	err = a.take(ctx, name, "", func(h *Holder) error {
		t := a.taking(User{Kind: KindAccount}, name, h)
		t.KeyHash = hashOf(key)
		user = t.User
		return a.store.Take(ctx, t)
	})
	if err != nil {
		return User{}, "", err
	}
	return user, key, nil
}

// AddModerator is AddAccount for one who keeps order in the chat.
func (a *Accounts) AddModerator(ctx context.Context, text string) (User, string, error) {
	user, key, err := a.AddAccount(ctx, text)
	if err != nil {
		return User{}, "", err
	}
	return user, key, wrap(a.store.SetModerator(ctx, user.ID, true), "making a moderator")
}

// Any reports whether there is any account: somebody who has a key.
func (a *Accounts) Any(ctx context.Context) (bool, error) {
	has, err := a.store.HasAccounts(ctx)
	return has, wrap(err, "looking for accounts")
}

// Accounts lists all accounts, by name.
func (a *Accounts) Accounts(ctx context.Context) ([]Listed, error) {
	all, err := a.store.Accounts(ctx)
	return all, wrap(err, "listing accounts")
}

// NewKey gives an account another key: the old one opens nothing any more, and what it opened ends. The error is an *Error where there
// is no such account or its key stands in the configuration.
func (a *Accounts) NewKey(ctx context.Context, name string) (string, error) {
	user, err := a.made(ctx, name)
	if err != nil {
		return "", err
	}
	key := "prl_" + newToken()
	return key, wrap(a.store.Rekey(ctx, user.ID, hashOf(key), a.opts.Now()), "changing a key")
}

// RemoveAccount makes an account none: its key opens nothing any more, what it opened ends, and the name is free. What was said stays.
func (a *Accounts) RemoveAccount(ctx context.Context, name string) error {
	user, err := a.made(ctx, name)
	if err != nil {
		return err
	}
	return wrap(a.store.Rekey(ctx, user.ID, nil, a.opts.Now()), "removing an account")
}

// made finds an account by its name that AddAccount made.
func (a *Accounts) made(ctx context.Context, text string) (User, error) {
	name, err := CheckName(text)
	if err != nil {
		return User{}, err
	}
	all, err := a.Accounts(ctx)
	if err != nil {
		return User{}, err
	}
	for _, one := range all {
		switch {
		case !isNamed(one.User, name):
		case one.Configured:
			return User{}, refuse(CodeForbidden, "This account stands in the settings. Change or remove it there, and restart the server.")
		default:
			return one.User, nil
		}
	}
	return User{}, refuse(CodeBadName, "There is no account of this name. `parley account list` lists them.")
}

// SyncAccounts makes the accounts of the configuration what it says; those that AddAccount made stay as they are. Call it at the
// start, before anyone is connected. The error says which account is at fault.
func (a *Accounts) SyncAccounts(ctx context.Context, accounts []Account) error {
	configured := make([]Configured, len(accounts))
	ids, names, keys := map[string]string{}, map[string]string{}, map[string]string{}
	for i, c := range accounts {
		one, err := configure(c)
		if err != nil {
			return err
		}
		for _, unique := range []struct {
			seen       map[string]string
			what, mark string
		}{{ids, "id", one.User.ID}, {names, "name", one.Key}, {keys, "key", string(one.KeyHash)}} {
			if other, twice := unique.seen[unique.mark]; twice {
				return fmt.Errorf("accounts: %q and %q have the same %s; give each its own", other, c.ID, unique.what)
			}
			unique.seen[unique.mark] = c.ID
		}
		configured[i] = one
	}
	return wrap(a.store.SetConfigured(ctx, configured, a.opts.Now()), "storing the accounts of the configuration")
}

// configure checks one account of the configuration.
func configure(c Account) (Configured, error) {
	if !isID(c.ID) {
		return Configured{}, fmt.Errorf("accounts: the id %q is not 1 to %d of the characters a-z 0-9 - _", c.ID, idLength)
	}
	name, err := CheckName(c.Name)
	if err != nil {
		return Configured{}, fmt.Errorf("accounts: the name of %q: %w", c.ID, err)
	}
	digits, ok := strings.CutPrefix(c.KeyHash, "sha256:")
	hash, err := hex.DecodeString(digits)
	if !ok || err != nil || len(hash) != sha256.Size {
		return Configured{}, fmt.Errorf(`accounts: the key of %q is not "sha256:" and 64 hexadecimal digits; `+
			`hash it with: printf %%s KEY | sha256sum`, c.ID)
	}
	id := c.ID
	if !strings.HasPrefix(id, "u_") {
		id = "u_" + id
	}
	return Configured{User: User{ID: id, Name: name.text, Kind: KindAccount}, Key: name.key, KeyHash: hash, Moderator: c.Moderator}, nil
}

const idLength = 32 // characters

func isID(id string) bool {
	return len(id) >= 1 && len(id) <= idLength && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// newToken returns 256 random bits, as text that is safe in cookies, headers and addresses.
func newToken() string {
	var bits [32]byte
	rand.Read(bits[:]) // never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// newID returns an id with 80 random bits: enough never to meet twice, and no secret.
func newID(prefix string) string {
	var bits [10]byte
	rand.Read(bits[:])
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(bits[:]))
}

// hashOf is how a token or key is stored. Comparing happens on hashes only, whose timing tells nothing of the secret; 256 random
// bits need no slower hash.
func hashOf(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}

// toValid drops what is not UTF-8, which a cut through a character leaves.
func toValid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, "")
}
