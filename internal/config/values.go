package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// problem is what is wrong with a value. Its line is where a list goes wrong; 0 is where the value begins.
type problem struct {
	line int
	text string
	full bool // text says what would be right, too
}

func (p *problem) Error() string { return p.text }

func problemf(n *yaml.Node, format string, args ...any) error {
	return &problem{line: n.Line, text: fmt.Sprintf(format, args...)}
}

func text(key, help string, field func(*Config) *string, check func(string) error) Setting {
	return setting(key, typeText, help, field, func(n *yaml.Node) (string, error) {
		value, err := readText(n)
		if err != nil {
			return "", err
		}
		return value, check(value)
	}, func(value string) string { return value })
}

func duration(key, help string, field func(*Config) *time.Duration) Setting {
	return setting(key, typeDuration, help, field, func(n *yaml.Node) (time.Duration, error) {
		d, err := time.ParseDuration(n.Value)
		switch _, notNumber := strconv.ParseFloat(n.Value, 64); {
		case n.Kind != yaml.ScalarNode || err != nil && notNumber != nil:
			return 0, problemf(n, "%s is not a time", show(n))
		case err != nil:
			return 0, problemf(n, "%s has no unit", show(n))
		case d < 0:
			return 0, problemf(n, "%s is less than nothing", show(n))
		}
		return d, nil
	}, time.Duration.String)
}

func decimal(key, help string, field func(*Config) *float64) Setting {
	return setting(key, typeNumber, help, field, func(n *yaml.Node) (float64, error) {
		f, err := strconv.ParseFloat(n.Value, 64)
		switch {
		case !isNumber(n) || err != nil || math.IsNaN(f):
			return 0, problemf(n, "%s is not a number", show(n))
		case f < 0:
			return 0, problemf(n, "%s is less than nothing", show(n))
		case f > most:
			return 0, problemf(n, "%s is too large", show(n))
		}
		return f, nil
	}, func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) })
}

// most is the largest number that can be set.
const most = math.MaxInt32

func count(key, help string, field func(*Config) *int) Setting {
	return setting(key, typeNumber, help, field, func(n *yaml.Node) (int, error) {
		i, err := whole(n, most)
		return int(i), err
	}, strconv.Itoa)
}

// mostBytes is the largest number of bytes that can be set: a disk has fewer.
const mostBytes = 1 << 53

func byteCount(key, help string, field func(*Config) *int64) Setting {
	return setting(key, typeNumber, help, field, func(n *yaml.Node) (int64, error) { return whole(n, mostBytes) },
		func(i int64) string { return strconv.FormatInt(i, 10) })
}

// whole reads a whole number that isn't less than nothing.
func whole(n *yaml.Node, most int64) (int64, error) {
	i, err := strconv.ParseInt(n.Value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && i > most:
		return 0, problemf(n, "%s is too large", show(n))
	case !isNumber(n) || err != nil:
		return 0, problemf(n, "%s is not a whole number", show(n))
	case i < 0:
		return 0, problemf(n, "%s is less than nothing", show(n))
	}
	return i, nil
}

func onOff(key, help string, field func(*Config) *bool) Setting {
	return setting(key, typeSwitch, help, field, func(n *yaml.Node) (bool, error) {
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			return false, problemf(n, "%s is neither true nor false", show(n))
		}
		return n.Value == "true", nil
	}, strconv.FormatBool)
}

// list is a list in the file, and text with commas elsewhere.
func list(key, help string, field func(*Config) *[]string, item func(string) (string, error)) Setting {
	return setting(key, typeList, help, field, func(n *yaml.Node) ([]string, error) {
		if n.Line == 0 && n.Kind == yaml.ScalarNode {
			n = splitList(n.Value)
		}
		if n.Kind != yaml.SequenceNode {
			return nil, problemf(n, "%s is not a list", show(n))
		}
		var items []string
		for _, node := range n.Content {
			node = target(node)
			value, err := readText(node)
			if err != nil {
				return nil, err
			}
			if value, err = item(value); err != nil {
				return nil, problemf(node, "%v", err)
			}
			items = append(items, value)
		}
		return items, nil
	}, func(items []string) string { return strings.Join(items, ",") })
}

func splitList(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			n.Content = append(n.Content, written(item))
		}
	}
	return n
}

func setting[T any](
	key, kind, help string, field func(*Config) *T, read func(*yaml.Node) (T, error), format func(T) string,
) Setting {
	return Setting{
		Key: key, Type: kind, Help: help,
		set: func(c *Config, n *yaml.Node) error {
			value, err := read(n)
			if err != nil {
				return err
			}
			*field(c) = value
			return nil
		},
		text: func(c *Config) string { return format(*field(c)) },
	}
}

// written is a value that doesn't come from the file, and so is what its setting needs it to be: it has no line and no tag.
func written(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

// target follows an alias to what it stands for.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// show is a value as an error names it: short, and on one line.
func show(n *yaml.Node) string {
	const longest = 60
	switch {
	case n.Kind == yaml.MappingNode:
		return "a group of settings"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	case utf8.RuneCountInString(n.Value) > longest:
		return strconv.Quote(string([]rune(n.Value)[:longest]) + "…")
	case n.Tag == "" || n.Tag == "!!str":
		return strconv.Quote(n.Value)
	}
	return strings.Trim(strconv.Quote(n.Value), `"`)
}

func isNumber(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "" || n.Tag == "!!int" || n.Tag == "!!float")
}

func readText(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag != "" && n.Tag != "!!str" {
		return "", problemf(n, "%s is not text in quotes", show(n))
	}
	return n.Value, nil
}

func notEmpty(value string) error {
	if value == "" || strings.ContainsRune(value, 0) {
		return fmt.Errorf("%q is no path", value)
	}
	return nil
}

func title(value string) error {
	if utf8.RuneCountInString(value) > 100 || strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("%s has more than 100 characters or a control character", show(written(value)))
	}
	return nil
}

func oneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("%s is none of the choices", show(written(value)))
		}
		return nil
	}
}

func address(value string) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil || strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return fmt.Errorf("%s is not an address", show(written(value)))
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%s has no port from 0 to 65535", show(written(value)))
	}
	return nil
}

func origin(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !isHost(u.Host) ||
		!strings.EqualFold(u.Scheme+"://"+u.Host, value) {
		return "", fmt.Errorf("%s is not a site", show(written(value)))
	}
	return strings.ToLower(value), nil
}

// isHost reports whether a browser could send this as a host, with or without a port. It writes names of other scripts in Punycode.
func isHost(host string) bool {
	return host != "" && strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") == ""
}

// hostName reads a name as a browser sends it in the Host header, but for the port.
func hostName(value string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(value, "."))
	if u, err := url.Parse("http://" + name); err != nil || !isHost(name) || u.Host != name || u.Hostname() != name {
		return "", fmt.Errorf("%s is not the name of a host", show(written(value)))
	}
	return name, nil
}

func network(value string) (string, error) {
	if _, err := netip.ParseAddr(value); err == nil {
		return value, nil
	}
	if _, err := netip.ParsePrefix(value); err != nil {
		return "", fmt.Errorf("%s is neither an address nor a network", show(written(value)))
	}
	return value, nil
}
