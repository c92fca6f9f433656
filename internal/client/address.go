package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// address is where a server is: the WebSocket and the pages beside it.
type address struct {
	socket url.URL // ws or wss, ends in /ws
	pages  url.URL // http or https, ends in the same folder
}

// parseAddress reads what a person writes as the address of a chat: ws://host:3000/ws, and as well http://host:3000 or host:3000.
func parseAddress(text string) (address, error) {
	if !strings.Contains(text, "://") {
		text = "ws://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return address{}, fmt.Errorf("the address %q can't be read (%w); write it like ws://192.168.1.5:3000/ws", text, err)
	}
	schemes := map[string][2]string{"ws": {"ws", "http"}, "http": {"ws", "http"}, "wss": {"wss", "https"}, "https": {"wss", "https"}}
	scheme, known := schemes[u.Scheme]
	switch {
	case !known:
		return address{}, fmt.Errorf("an address begins with ws:// or wss://, not with %s://", u.Scheme)
	case u.Host == "":
		return address{}, fmt.Errorf("the address %q names no host; write it like ws://192.168.1.5:3000/ws", text)
	case u.User != nil:
		return address{}, errors.New("the address must hold no user or password; say who you are by name or key")
	}
	folder := strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/ws")
	return address{
		socket: url.URL{Scheme: scheme[0], Host: u.Host, Path: folder + "/ws"},
		pages:  url.URL{Scheme: scheme[1], Host: u.Host, Path: folder + "/"},
	}, nil
}

// Address returns the one way to write the address of a chat that a person may write in several.
func Address(text string) (string, error) {
	a, err := parseAddress(text)
	return a.socket.String(), err
}

// page returns the address of a page, such as "join".
func (a *address) page(name string) string { return a.pages.JoinPath(name).String() }

// files are those of a message, with their whole addresses.
func (a *address) files(told []File) []File {
	for i := range told {
		if f := &told[i]; f.URL != "" {
			f.URL = a.pages.Scheme + "://" + a.pages.Host + a.pages.EscapedPath() + strings.TrimPrefix(f.URL, "/")
		}
	}
	return told
}
