package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// accounts is a list of accounts in the file, and the same YAML elsewhere.
func accounts(key, help string, field func(*Config) *[]Account) Setting {
	return setting(key, typeAccounts, help, field, func(n *yaml.Node) ([]Account, error) {
		if n.Line == 0 && n.Kind == yaml.ScalarNode {
			var err error
			if n, err = parseList(n.Value); err != nil {
				return nil, err
			}
		}
		if n.Kind != yaml.SequenceNode { // it may hold keys: it isn't shown
			return nil, problemf(n, "this is not a list")
		}
		var list []Account
		for _, node := range n.Content {
			a, err := readAccount(target(node))
			if err != nil {
				return nil, err
			}
			for _, other := range list {
				if field := sameField(a, other); field != "" {
					return nil, problemf(node, "two accounts have the same %s", field)
				}
			}
			list = append(list, a)
		}
		return list, nil
	}, func(list []Account) string {
		if len(list) == 0 {
			return ""
		}
		var items []string
		for _, a := range list {
			role := ""
			if a.Role != "" {
				role = fmt.Sprintf(", role: %q", a.Role)
			}
			items = append(items, fmt.Sprintf("{id: %q, name: %q, key: %q%s}", a.ID, a.Name, a.Key, role))
		}
		return "[" + strings.Join(items, ", ") + "]"
	})
}

func parseList(value string) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(value), &doc); err != nil {
		return nil, &problem{text: "this is not a list"}
	}
	if len(doc.Content) == 0 {
		return &yaml.Node{Kind: yaml.SequenceNode}, nil
	}
	return target(doc.Content[0]), nil
}

func readAccount(n *yaml.Node) (Account, error) {
	var a Account
	fields := map[string]*string{"id": &a.ID, "name": &a.Name, "key": &a.Key, "role": &a.Role}
	if n.Kind != yaml.MappingNode {
		return a, problemf(n, "this is not an account")
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := target(n.Content[i]), target(n.Content[i+1])
		field := fields[key.Value]
		switch {
		case field == nil:
			return a, problemf(key, "an account has no %s", show(written(key.Value)))
		case seen[key.Value]:
			return a, problemf(key, "an account has one %s only", key.Value)
		case value.Kind != yaml.ScalarNode || value.Tag != "!!str":
			return a, problemf(value, "the account's %s is not text in quotes", key.Value)
		}
		seen[key.Value] = true
		*field = value.Value
	}
	switch {
	case a.ID == "" || len(a.ID) > 32 || strings.Trim(a.ID, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "":
		return a, problemf(n, "the account needs an id of 1 to 32 of a-z 0-9 _ -")
	case strings.TrimSpace(a.Name) == "":
		return a, problemf(n, "the account %q has no name", a.ID)
	case a.Role != "" && a.Role != "moderator":
		return a, problemf(n, "the account %q has a role that there isn't; write role: \"moderator\", or none", a.ID)
	case !isHashed(a.Key): // the key itself may stand there: it isn't shown
		return a, &problem{line: n.Line, full: true, text: fmt.Sprintf(
			`the key of account %q is not hashed; write key: "sha256:HEX", where HEX is what this prints: printf %%s KEY | sha256sum`, a.ID)}
	}
	a.Key = strings.ToLower(a.Key)
	return a, nil
}

// keyPrefix begins a hashed key.
const keyPrefix = "sha256:"

func isHashed(key string) bool {
	digits, ok := strings.CutPrefix(key, keyPrefix)
	hash, err := hex.DecodeString(digits)
	return ok && err == nil && len(hash) == sha256.Size
}

// sameField returns the field that two accounts may not have in common, "" where there is none. Names that only look different are
// found when the accounts are stored.
func sameField(a, b Account) string {
	switch {
	case a.ID == b.ID:
		return "id"
	case a.Name == b.Name:
		return "name"
	case a.Key == b.Key:
		return "key"
	}
	return ""
}
