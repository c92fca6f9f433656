package handlers

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/internal/wire"
)

const headerProtocol = "Sec-WebSocket-Protocol"

// isUpgrade reports whether a request wants to become a WebSocket (RFC 6455, section 4.2.1), whichever version.
func isUpgrade(c *fiber.Ctx) bool {
	has := func(header, token string) bool {
		return slices.ContainsFunc(tokens(c, header), func(t string) bool { return strings.EqualFold(t, token) })
	}
	return has(fiber.HeaderConnection, "upgrade") && has(fiber.HeaderUpgrade, "websocket")
}

// tokens are the values of a header that is a list. It may come on several lines.
func tokens(c *fiber.Ctx, header string) (all []string) {
	for _, line := range c.Request().Header.PeekAll(header) {
		for token := range strings.SplitSeq(string(line), ",") {
			if token = strings.TrimSpace(token); token != "" {
				all = append(all, token)
			}
		}
	}
	return all
}

// isKey reports whether a handshake's key is one: 16 bytes in base64.
func isKey(key string) bool {
	b, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(b) == 16
}

// forUpgrade puts what was found out about a handshake where the websocket package looks, which sees the first line of each header
// only, and of the subprotocols would choose what we like best and not the client.
func forUpgrade(c *fiber.Ctx) {
	h := &c.Request().Header
	h.Set(fiber.HeaderConnection, "Upgrade")
	h.Set(fiber.HeaderUpgrade, "websocket")
	for _, offered := range tokens(c, headerProtocol) {
		if slices.Contains(wire.Protocols, offered) {
			h.Set(headerProtocol, offered)
			return
		}
	}
}
