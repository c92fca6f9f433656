package handlers

import (
	"slices"
	"time"

	"parley/internal/chat"
)

// plainView is the page without a script.
type plainView struct {
	*page
	around
	CanLeave  bool
	CanWrite  bool       // also in an archived room, where the page has what was typed and came too late
	Deletes   bool       // the reader keeps order in the chat, and may delete in an archived room
	Messages  []plainRow // newest first
	After     int64      // messages up to this were cleared away; 0 for none
	Before    int64      // where older messages begin, 0 where there are none
	IsNewest  bool       // these are the room's newest messages
	Found     *plainFound
	Act       *plainAct
	Answer    *plainTold
	Refresh   int // seconds after which the page comes anew, 0 for never
	Writing   bool
	Text      string // in the form
	Caption   string // in the form for a file
	FileRules string // what files are taken
	Error     string
	People    []plainPerson
	Token     string // of the forms
	FormID    string // of the message that the form sends
	Zone      string // in which times are told
}

// plainRow is a message, with its day where that is another than of the newer one above.
type plainRow struct {
	row
	Page    string // the address of the room
	Acts    string // what can be done with it, which a link leads to; "" for nothing
	NewDay  string
	Answers *plainQuote
}

// plainQuote is what a message answers, with the seq before which the page of older messages begins with it.
type plainQuote struct {
	*quoteView
	Next int64
}

// plainPerson is somebody who is here, with the address of the private room with them.
type plainPerson struct {
	face
	Href string
}

// show turns messages round. Times are the server's: the reader's clock is not known, and on one's own network it is the same.
func (v *plainView) show(messages []chat.Event, more bool, ignored []chat.User) {
	for i := range messages {
		messages[i].Time = messages[i].Time.Local()
	}
	v.Zone, _ = time.Now().Zone()
	messages = slices.DeleteFunc(messages, func(e chat.Event) bool { return e.Seq <= v.After })
	if more && len(messages) > 0 && v.After == 0 {
		v.Before = messages[0].Seq
	}
	day := ""
	for _, r := range slices.Backward(rows(v.page, messages, v.Me.User)) {
		one := plainRow{row: r, Page: plainPath(v.Room.Name), Acts: v.actsOn(&r)}
		if r.Quote != nil {
			one.Answers = &plainQuote{r.Quote, r.ReplyTo + 1}
		}
		one.hide(ignored)
		if r.Day != day {
			one.NewDay, day = r.Day, r.Day
		}
		v.Messages = append(v.Messages, one)
	}
}

// actsOn says what can be done with a message.
func (v *plainView) actsOn(r *row) string {
	switch {
	case r.Deleted, v.Archived && !v.Deletes:
		return ""
	case v.Archived:
		return v.Say("plain.delete")
	case r.Mine:
		return v.Say("plain.act.own")
	default:
		return v.Say("plain.act")
	}
}

// fillForms puts what was typed and refused back to where it was typed.
func (v *plainView) fillForms(asked *plainAsked) {
	switch {
	case v.Act == nil:
		v.Writing, v.Text, v.Caption = asked.isWriting, asked.text, asked.caption
	case asked.isEditing:
		v.Act.Source = asked.text
	default:
		v.Text = asked.text
	}
}
