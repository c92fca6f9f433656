package wire

import (
	"strconv"

	"parley/internal/chat"
)

// appendFacts appends what a room is beside its log; what it hasn't is left out.
func appendFacts(dst []byte, facts *chat.Facts) []byte {
	if facts.Topic != "" {
		dst = appendKeyString(dst, `,"topic":`, facts.Topic)
	}
	if facts.Archived {
		dst = append(dst, `,"archived":true`...)
	}
	if len(facts.Pins) == 0 {
		return dst
	}
	dst = append(dst, `,"pins":[`...)
	for i, seq := range facts.Pins {
		dst = strconv.AppendInt(appendComma(dst, i), seq, 10)
	}
	return append(dst, ']')
}

// appendRoomFacts appends the same of a room in a list.
func appendRoomFacts(dst []byte, info *chat.RoomInfo) []byte {
	if info.Topic != "" {
		dst = appendKeyString(dst, `,"topic":`, info.Topic)
	}
	if info.Muted {
		dst = append(dst, `,"muted":true`...)
	}
	if info.Locked {
		dst = append(dst, `,"locked":true`...)
	}
	if info.Archived {
		dst = append(dst, `,"archived":true`...)
	}
	if info.Inviter.ID != "" {
		dst = append(appendUser(append(dst, `,"inviter":`...), &info.Inviter), '}')
	}
	return dst
}

// entries are who may come into a room, as frames say it.
var entries = map[string]chat.Entry{
	"": chat.EntryOpen, "open": chat.EntryOpen, "password": chat.EntryPassword, "invitation": chat.EntryInvitation,
}

// create reads what room is to be made.
func (r *reader) create(cmd *chat.Command) {
	cmd.Name = r.str(r.need(r.name, "name"), "name")
	cmd.Password = r.str(r.password, "password")
	entry, known := entries[r.str(r.entry, "entry")]
	if !known {
		r.fail(`"entry" is one of open, password and invitation.`)
	}
	cmd.Entry = entry
}

// appendRoomReply appends the answers of one who makes rooms, invites and looks after them.
func appendRoomReply(dst []byte, r *chat.Reply) []byte {
	var kind string
	switch r.Kind {
	case chat.ReplyCreated:
		kind = "created"
	case chat.ReplyInvited:
		kind = "invited"
	case chat.ReplyInvitation:
		kind = "invitation"
	case chat.ReplyRemoved:
		kind = "removed"
	case chat.ReplyRemoval:
		kind = "removal"
	case chat.ReplyAbout:
		kind = "about"
	}
	dst = appendID(appendString(append(dst, `{"type":`...), kind), r.Ref)
	dst = appendKeyString(dst, `,"room":`, string(r.Room))
	switch r.Kind {
	case chat.ReplyInvited, chat.ReplyRemoved:
		return appendKeyUser(dst, &r.User)
	case chat.ReplyInvitation, chat.ReplyRemoval:
		return appendKeyTime(appendKeyUser(dst, &r.User), `,"time":`, r.Time)
	case chat.ReplyAbout:
		dst = appendKeyBool(appendKeyString(dst, `,"role":`, r.Role.String()), `,"archived":`, r.On)
		return appendInsiders(dst, r.Insiders)
	default:
		return dst
	}
}

// appendInsiders appends who was let into a closed room, and as what.
func appendInsiders(dst []byte, insiders []chat.Insider) []byte {
	if len(insiders) == 0 {
		return dst
	}
	dst = append(dst, `,"insiders":[`...)
	for i := range insiders {
		dst = appendUser(appendComma(dst, i), &insiders[i].User)
		dst = append(appendKeyString(dst, `,"role":`, insiders[i].Role.String()), '}')
	}
	return append(dst, ']')
}
