package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Setting is one row of the table: a setting's name, what may be written, and the field it sets.
type Setting struct {
	Key  string // as in the file: rate_limit.messages
	Type string // of what is written: text, number, duration, true/false, list or accounts
	Help string // what may be written, to follow "write"

	set  func(*Config, *yaml.Node) error
	text func(*Config) string
}

// Flag is the setting's name on the command line, without the dashes before it: rate-limit.messages.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Key, "_", "-") }

// Env is the setting's name in the environment: PARLEY_RATE_LIMIT_MESSAGES.
func (s Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// IsSwitch reports whether the flag may stand without a value.
func (s Setting) IsSwitch() bool { return s.Type == typeSwitch }

// Default is the default as one would write it.
func (s Setting) Default() string {
	c := Default()
	return s.text(&c)
}

// The types of settings.
const (
	typeText     = "text"
	typeNumber   = "number"
	typeDuration = "duration"
	typeSwitch   = "true/false"
	typeList     = "list"
	typeAccounts = "accounts"
)

// Settings returns the table, in the order of config.yaml.
func Settings() []Setting {
	return []Setting{
		text("listen", `host:port, like ":3000" for every address of this machine or "127.0.0.1:3000" for this machine alone`,
			func(c *Config) *string { return &c.Listen }, address),
		text("data", `the path of a folder, like "./data"`, func(c *Config) *string { return &c.Data }, notEmpty),
		text("name", `what the chat is called, up to 100 characters, or "" for this machine's name`,
			func(c *Config) *string { return &c.Name }, title),
		text("access", `"open" where a name is enough, or "keys" where an account's key is needed`,
			func(c *Config) *string { return &c.Access }, oneOf(AccessOpen, AccessKeys)),
		accounts("accounts", `a list of accounts, each with id, name and key: "sha256:HEX"`,
			func(c *Config) *[]Account { return &c.Accounts }),
		list("origins", `a list of sites, each like "https://chat.example.org" with nothing after the host and port`,
			func(c *Config) *[]string { return &c.Origins }, origin),
		list("hosts", `a list of names, like "chat.example.org", without scheme and port`,
			func(c *Config) *[]string { return &c.Hosts }, hostName),
		list("trusted_proxies", `a list of addresses or networks, like 10.0.0.1 or 10.0.0.0/8`,
			func(c *Config) *[]string { return &c.TrustedProxies }, network),
		duration("idle_timeout", `a time with its unit, like 5m or 30s, or 0 for never`,
			func(c *Config) *time.Duration { return &c.IdleTimeout }),
		decimal("rate_limit.messages", `messages per second, like 5, or 0 for no limit`,
			func(c *Config) *float64 { return &c.RateLimit.Messages }),
		count("rate_limit.burst", `messages at once, like 20, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.Burst }),
		decimal("rate_limit.commands", `commands per second, like 50, or 0 for no limit`,
			func(c *Config) *float64 { return &c.RateLimit.Commands }),
		count("rate_limit.commands_burst", `commands at once, like 1000, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.CommandsBurst }),
		decimal("rate_limit.frames", `frames per second, like 100, or 0 for no limit`,
			func(c *Config) *float64 { return &c.RateLimit.Frames }),
		count("rate_limit.frames_burst", `frames at once, like 1000, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.FramesBurst }),
		count("rate_limit.warnings", `refusals, like 30, or 0 for no end`,
			func(c *Config) *int { return &c.RateLimit.Warnings }),
		count("rate_limit.address_users", `users, like 50, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.AddressUsers }),
		decimal("rate_limit.requests", `requests per second, like 100, or 0 for no limit`,
			func(c *Config) *float64 { return &c.RateLimit.Requests }),
		count("rate_limit.requests_burst", `requests at once, like 2000, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.RequestsBurst }),
		count("rate_limit.tries", `failed joins per minute, like 20, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.Tries }),
		count("rate_limit.uploads", `files per minute, like 60, or 0 for no limit`,
			func(c *Config) *int { return &c.RateLimit.Uploads }),
		count("limits.message_length", `characters, like 4000, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.MessageLength }),
		count("limits.frame_bytes", `bytes, like 65536, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.FrameBytes }),
		count("limits.fragments", `frames of one message, like 1000, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.Fragments }),
		count("limits.backlog_bytes", `bytes, like 1048576, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.BacklogBytes }),
		count("limits.connections", `connections, like 20000, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.Connections }),
		count("limits.connections_per_address", `connections, like 2000, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.ConnectionsPerAddress }),
		count("limits.requests", `connections, like 4000, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.Requests }),
		list("limits.exempt", `a list of addresses or networks, like 127.0.0.1 or 10.0.0.0/8`,
			func(c *Config) *[]string { return &c.Limits.Exempt }, network),
		count("limits.rooms", `rooms per connection, like 50, or 0 for no limit`,
			func(c *Config) *int { return &c.Limits.Rooms }),
		byteCount("upload.file_bytes", `bytes, like 100000000, or 0 for no limit`,
			func(c *Config) *int64 { return &c.Upload.FileBytes }),
		byteCount("upload.user_bytes", `bytes, like 2000000000, or 0 for no limit`,
			func(c *Config) *int64 { return &c.Upload.UserBytes }),
		byteCount("upload.total_bytes", `bytes, like 20000000000, or 0 for no limit`,
			func(c *Config) *int64 { return &c.Upload.TotalBytes }),
		duration("upload.expire", `a time with its unit, like 720h, or 0 for never`,
			func(c *Config) *time.Duration { return &c.Upload.Expire }),
		duration("names.hold", `a time with its unit, like 720h, or 0 for no hold`,
			func(c *Config) *time.Duration { return &c.Names.Hold }),
		duration("presence.grace", `a time with its unit, like 4s, or 0 for at once`,
			func(c *Config) *time.Duration { return &c.Presence.Grace }),
		duration("presence.refresh", `a time with its unit, like 15s, or 0 for never`,
			func(c *Config) *time.Duration { return &c.Presence.Refresh }),
		duration("socket.ping", `a time with its unit, like 25s, or 0 for no pings`,
			func(c *Config) *time.Duration { return &c.Socket.Ping }),
		duration("socket.first_frame", `a time with its unit, like 2m, or 0 for no limit`,
			func(c *Config) *time.Duration { return &c.Socket.FirstFrame }),
		duration("socket.request_timeout", `a time with its unit, like 10s, or 0 for no limit`,
			func(c *Config) *time.Duration { return &c.Socket.RequestTimeout }),
		duration("socket.write_timeout", `a time with its unit, like 10s, or 0 for no limit`,
			func(c *Config) *time.Duration { return &c.Socket.WriteTimeout }),
		text("log.level", `"debug", "info", "warn" or "error"`,
			func(c *Config) *string { return &c.Log.Level }, oneOf("debug", "info", "warn", "error")),
		text("log.format", `"text" or "json"`, func(c *Config) *string { return &c.Log.Format }, oneOf("text", "json")),
		onOff("dev", `true or false`, func(c *Config) *bool { return &c.Dev }),
	}
}
