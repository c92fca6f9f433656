package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"parley/internal/config"
)

// hosts are the names that this server goes by, in lower case. A request for any other is refused: the owner of a name may let it
// lead to this machine (DNS rebinding), and a browser then takes their pages and ours for one site.
type hosts map[string]bool

// hostsOf collects this machine's names, those of the setting, and those of the sites on origins.
func hostsOf(c config.Config) hosts {
	known := hosts{"localhost": true}
	if name, err := os.Hostname(); err == nil && name != "" {
		name = strings.ToLower(name)
		short, _, _ := strings.Cut(name, ".")
		known[name], known[short] = true, true
		for _, domain := range homeDomains {
			known[short+"."+domain] = true
		}
	}
	for _, name := range c.Hosts {
		known[name] = true
	}
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err == nil {
			known[u.Hostname()] = true
		}
	}
	return known
}

// homeDomains are those under which networks at home and in offices name their machines. Nobody can have a name under them on the
// Internet: .local is told by the machine itself (RFC 6762), .home.arpa (RFC 8375) and .internal are set aside, and the others are
// habits of routers that no registry gives out.
var homeDomains = [...]string{"local", "lan", "home", "home.arpa", "internal", "localdomain"}

// has reports whether a Host header, with or without a port, names this server. Any address in digits does: a browser that shows
// one went to that very address, so that nobody can have led it here under a name of theirs; and which of them lead here (a
// forwarded port, a container's host) this machine can't know.
func (h hosts) has(host string) bool {
	name := hostname(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return h[strings.TrimSuffix(name, ".")]
}

// hostname is a Host header without its port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
}

// knownHost refuses a request for a name that isn't ours.
func (s *site) knownHost(c *fiber.Ctx) error {
	host := string(c.Request().Host())
	if s.hosts.has(host) {
		return nil
	}
	return newProblem("misdirected", "This chat does not go by the name "+quoted(hostname(host))+
		". If it should, put the name on hosts in the settings; or use its address in digits.")
}

// strayLook is the look of a refusal by a name that isn't ours. By such a name no file is given either, so it stands in the page, and
// the policy lets that one style in, by its hash, and an icon that is none, so that no other is asked for.
type strayLook struct {
	style  template.CSS
	policy string
}

func newStrayLook(files fs.FS) (strayLook, error) {
	light, err := styleOf(files, "css/pages/join.css")
	if err != nil {
		return strayLook{}, err
	}
	dark, err := styleOf(files, "css/dark.css")
	if err != nil {
		return strayLook{}, err
	}
	style := light + "@media (prefers-color-scheme:dark){" + dark + "}"
	hash := sha256.Sum256([]byte(style))
	return strayLook{
		style: template.CSS(style), //nolint:gosec // our own
		policy: "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
			"'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
	}, nil
}

// styleOf is a style as it is served.
func styleOf(files fs.FS, name string) (string, error) {
	style, err := fs.ReadFile(files, name)
	if err != nil {
		return "", err
	}
	style, err = forTheWire(files, name, style)
	return string(style), err
}

// quoted is a text of somebody else's as a sentence of ours shows it: short, and without anything that can't be seen.
func quoted(text string) string {
	const longest = 80
	shown := []rune(strings.ToValidUTF8(text, "�"))
	if len(shown) > longest {
		shown = append(shown[:longest], '…')
	}
	for i, r := range shown {
		if !unicode.IsPrint(r) { // marks that turn the direction of writing among them
			shown[i] = '�'
		}
	}
	return "“" + string(shown) + "”"
}
