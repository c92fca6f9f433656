package client

import (
	"encoding/json"
	"time"
)

// frame is any frame of the json dialect that the server writes. What a type doesn't have stays empty.
type frame struct {
	Type    string    `json:"type"`
	ID      string    `json:"id"`
	Room    string    `json:"room"`
	Seq     int64     `json:"seq"`
	Of      int64     `json:"of"`
	User    string    `json:"user"`
	Name    string    `json:"name"`
	Was     string    `json:"was"`
	Event   string    `json:"event"`
	Text    string    `json:"text"`
	Time    time.Time `json:"time"`
	Edited  int64     `json:"edited"`
	Deleted int64     `json:"deleted"`
	Files   []File    `json:"files"`

	Last      int64           `json:"last"`
	Members   []User          `json:"members"`
	Count     int             `json:"count"`
	Messages  []frame         `json:"messages"`
	Changes   []frame         `json:"changes"`
	Quote     *Quote          `json:"quote"`
	Truncated bool            `json:"truncated"`
	Rooms     []RoomInfo      `json:"rooms"`
	Limits    json.RawMessage `json:"limits"`
	Seconds   int             `json:"seconds"`
	Hits      []Hit           `json:"hits"`
	Before    string          `json:"before"`
	Behind    bool            `json:"behind"`
	Here      bool            `json:"here"`
	Barred    time.Time       `json:"barred"`
	Moderator bool            `json:"moderator"`
	In        []string        `json:"in"`
	Since     time.Time       `json:"since"`
	Away      json.RawMessage `json:"away"`
	People    []User          `json:"people"`
	Ignored   []User          `json:"ignored"`

	Code         string `json:"code"`
	Message      string `json:"message"`
	RetryAfterMS int64  `json:"retry_after_ms"`
}

func (f *frame) user() User { return User{ID: f.User, Name: f.Name} }

func (f *frame) limits() (l Limits) {
	_ = json.Unmarshal(f.Limits, &l) // a server that says them otherwise has none that we know
	return l
}

// away is whether a whois says that somebody is away, and what they say of it. In other frames it is a list.
func (f *frame) away() *Absence {
	var a *Absence
	if json.Unmarshal(f.Away, &a) != nil {
		return nil
	}
	return a
}

// request is any frame that we write.
type request struct {
	Type    string `json:"type"`
	ID      string `json:"id,omitempty"`
	Room    string `json:"room,omitempty"`
	To      string `json:"to,omitempty"`
	Text    string `json:"text,omitempty"`
	Name    string `json:"name,omitempty"`
	Since   *int64 `json:"since,omitempty"` // 0 asks for all, none for the latest
	Seq     int64  `json:"seq,omitempty"`
	Query   string `json:"query,omitempty"`
	On      *bool  `json:"on,omitempty"`
	Seconds int64  `json:"seconds,omitempty"`

	Password string `json:"password,omitempty"`
}
