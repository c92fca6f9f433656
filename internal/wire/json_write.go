package wire

import (
	"time"

	"parley/internal/chat"
)

// jsonEncoder writes one JSON object per frame, with the members in the order of docs/protocol.md.
type jsonEncoder struct{}

func (jsonEncoder) EchoesOwn() bool { return true }

func (jsonEncoder) AppendEvent(dst []byte, e *chat.Event) []byte {
	if e.Kind < chat.KindMessage || e.Kind > chat.KindPin {
		return dst
	}
	at := len(dst)
	return endFrame(appendEvent(beginFrame(dst), e), at)
}

func (jsonEncoder) AppendSignal(dst []byte, s *chat.Signal) []byte {
	at := len(dst)
	dst = beginFrame(dst)
	switch s.Kind {
	case chat.SignalTyping:
		dst = appendKeyString(append(dst, `{"type":"typing"`...), `,"room":`, string(s.Room))
		return endFrame(append(appendKeyUser(dst, &s.User), '}'), at)
	case chat.SignalArchive:
		dst = appendKeyString(append(dst, `{"type":"archived"`...), `,"room":`, string(s.Room))
		dst = appendKeyUser(appendKeyBool(dst, `,"on":`, s.On), &s.User)
		return endFrame(append(appendKeyTime(dst, `,"time":`, s.Time), '}'), at)
	case chat.SignalCrowd:
		dst = appendKeyString(append(dst, `{"type":"crowd"`...), `,"room":`, string(s.Room))
		dst = appendKeyInt(dst, `,"count":`, int64(s.Count))
		if s.Members != nil {
			dst = appendUsers(dst, s.Members)
		}
		dst = appendAway(dst, s.Away)
		if len(s.Back) > 0 {
			dst = appendIDs(append(dst, `,"back":`...), s.Back)
		}
		return endFrame(append(dst, '}'), at)
	}
	dst = appendKeyString(append(dst, `{"type":"presence"`...), `,"room":`, string(s.Room))
	switch s.Kind {
	case chat.SignalJoin:
		dst = append(dst, `,"event":"join"`...)
	case chat.SignalLeave:
		dst = append(dst, `,"event":"leave"`...)
	case chat.SignalRename:
		dst = append(dst, `,"event":"rename"`...)
	case chat.SignalAway:
		dst = append(dst, `,"event":"away"`...)
	case chat.SignalBack:
		dst = append(dst, `,"event":"back"`...)
	}
	dst = appendKeyUser(dst, &s.User)
	if s.Kind == chat.SignalRename {
		dst = appendKeyString(dst, `,"was":`, s.Was)
	}
	if s.Kind == chat.SignalAway && s.Text != "" {
		dst = appendKeyString(dst, `,"text":`, s.Text)
	}
	return endFrame(append(appendKeyTime(dst, `,"time":`, s.Time), '}'), at)
}

func (jsonEncoder) AppendReply(dst []byte, r *chat.Reply) []byte {
	if r.Kind == chat.ReplyDone {
		return dst
	}
	at := len(dst)
	dst = beginFrame(dst)
	switch r.Kind {
	case chat.ReplyWelcome:
		dst = appendWelcome(dst, r)
	case chat.ReplyJoined:
		dst = appendJoined(dst, r)
	case chat.ReplyLeft:
		dst = appendKeyString(append(dst, `{"type":"left"`...), `,"room":`, string(r.Room))
	case chat.ReplyAck:
		dst = appendKeyString(appendID(append(dst, `{"type":"ack"`...), r.ID), `,"room":`, string(r.Room))
		dst = appendKeyTime(appendKeyInt(dst, `,"seq":`, r.Seq), `,"time":`, r.Time)
	case chat.ReplyHistory:
		dst = appendKeyString(appendID(append(dst, `{"type":"history"`...), r.Ref), `,"room":`, string(r.Room))
		dst = appendKeyBool(appendEvents(dst, `,"messages":[`, r.Messages), `,"more":`, r.More)
	case chat.ReplyPins:
		dst = appendKeyString(appendID(append(dst, `{"type":"pins"`...), r.Ref), `,"room":`, string(r.Room))
		dst = appendKeyBool(appendEvents(dst, `,"messages":[`, r.Messages), `,"more":`, r.More)
	case chat.ReplyCreated, chat.ReplyInvited, chat.ReplyInvitation, chat.ReplyRemoved, chat.ReplyRemoval, chat.ReplyAbout:
		dst = appendRoomReply(dst, r)
	case chat.ReplyFound:
		dst = appendFound(append(dst, `{"type":"found"`...), r)
		dst = appendKeyBool(dst, `,"behind":`, r.Found.Behind)
	case chat.ReplyMentions:
		dst = appendFound(append(dst, `{"type":"mentions"`...), r)
	case chat.ReplyMembers:
		dst = appendKeyString(append(dst, `{"type":"members"`...), `,"room":`, string(r.Room))
		dst = appendAway(appendMembers(dst, r), r.Away)
	case chat.ReplyRooms:
		dst = appendID(append(dst, `{"type":"rooms"`...), r.Ref)
		if r.On {
			dst = append(dst, `,"archived":true`...)
		}
		dst = appendRooms(dst, r.Rooms)
	case chat.ReplyRead:
		dst = appendKeyString(append(dst, `{"type":"read"`...), `,"room":`, string(r.Room))
		dst = appendKeyInt(dst, `,"seq":`, r.Seq)
	case chat.ReplyMuted:
		dst = appendKeyString(appendID(append(dst, `{"type":"muted"`...), r.Ref), `,"room":`, string(r.Room))
		dst = appendKeyBool(dst, `,"on":`, r.On)
	case chat.ReplyPong:
		dst = appendKeyTime(append(dst, `{"type":"pong"`...), `,"time":`, r.Time)
	case chat.ReplyWhois:
		dst = appendProfile(appendID(append(dst, `{"type":"whois"`...), r.Ref), r.Profile)
	case chat.ReplyIgnored:
		dst = appendPeople(appendID(append(dst, `{"type":"ignored"`...), r.Ref), `,"people":[`, r.Members)
	case chat.ReplyIdleWarning:
		dst = appendKeyNumber(append(dst, `{"type":"idle_warning"`...), `,"seconds":`, seconds(r.Idle))
	case chat.ReplyError:
		dst = appendError(dst, r)
	default:
		return dst[:at]
	}
	return endFrame(append(dst, '}'), at)
}

// seconds are whole ones wherever the setting is; a shorter time is told as it is, because 0 means none.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func appendID(dst []byte, id string) []byte {
	if id == "" {
		return dst
	}
	return appendKeyString(dst, `,"id":`, id)
}

func appendWelcome(dst []byte, r *chat.Reply) []byte {
	dst = appendKeyUser(append(dst, `{"type":"welcome"`...), &r.User)
	dst = appendRooms(dst, r.Rooms)
	dst = appendKeyInt(dst, `,"limits":{"message_length":`, int64(r.Limits.MessageLength))
	dst = appendKeyInt(dst, `,"history":`, chat.HistoryPage)
	dst = appendKeyNumber(dst, `,"rate_messages":`, r.Limits.Messages)
	dst = appendKeyInt(dst, `,"rate_burst":`, int64(r.Limits.Burst))
	dst = append(appendKeyInt(appendKeyInt(dst, `,"files":`, chat.FilesMost), `,"file_bytes":`, r.Limits.FileBytes), '}')
	if r.Moderator {
		dst = append(dst, `,"moderator":true`...)
	}
	if len(r.Ignored) > 0 {
		dst = appendPeople(dst, `,"ignored":[`, r.Ignored)
	}
	return appendKeyTime(appendKeyNumber(dst, `,"idle_seconds":`, seconds(r.Idle)), `,"time":`, r.Time)
}

func appendJoined(dst []byte, r *chat.Reply) []byte {
	dst = appendKeyString(appendID(append(dst, `{"type":"joined"`...), r.Ref), `,"room":`, string(r.Room))
	dst = appendMembers(appendKeyInt(dst, `,"last":`, r.Last), r)
	if r.Count != 0 {
		dst = appendKeyInt(dst, `,"count":`, int64(r.Count))
	}
	dst = appendFacts(appendAway(dst, r.Away), &r.Facts)
	dst = r.Prepared.Append(dst, JSON.Encoder(), func(dst []byte) []byte { return appendEvents(dst, `,"messages":[`, r.Messages) })
	dst = appendEvents(dst, `,"changes":[`, r.Changes)
	return appendKeyBool(appendKeyBool(dst, `,"truncated":`, r.Truncated), `,"more":`, r.More)
}

// appendFound appends messages that were found. A snippet is a list of texts, never markup: what the words were is known by its place.
func appendFound(dst []byte, r *chat.Reply) []byte {
	dst = appendID(dst, r.Ref)
	if r.Room != "" {
		dst = appendKeyString(dst, `,"room":`, string(r.Room))
	}
	dst = append(dst, `,"hits":[`...)
	for i := range r.Found.Hits {
		h := &r.Found.Hits[i]
		dst = appendKeyString(appendComma(dst, i), `{"room":`, string(h.Room))
		dst = appendKeyTime(appendKeyUser(appendKeyInt(dst, `,"seq":`, h.Seq), &h.User), `,"time":`, h.Time)
		dst = append(dst, `,"snippet":[`...)
		for k, part := range h.Snippet {
			dst = appendString(appendComma(dst, k), part)
		}
		dst = append(dst, ']')
		if len(h.Files) > 0 {
			dst = append(dst, `,"files":[`...)
			for k := range h.Files {
				dst = appendString(appendComma(dst, k), h.Files[k].Name)
			}
			dst = append(dst, ']')
		}
		dst = append(dst, '}')
	}
	return appendKeyString(append(dst, ']'), `,"before":`, r.Place)
}

func appendMembers(dst []byte, r *chat.Reply) []byte {
	return r.PreparedMembers.Append(dst, JSON.Encoder(), func(dst []byte) []byte { return appendUsers(dst, r.Members) })
}

func appendError(dst []byte, r *chat.Reply) []byte {
	dst = appendID(append(dst, `{"type":"error"`...), r.Ref)
	dst = appendKeyString(dst, `,"code":`, string(r.Err.Code))
	dst = appendKeyString(dst, `,"message":`, r.Err.Message)
	if r.Err.Limit != "" {
		dst = appendKeyString(dst, `,"limit":`, r.Err.Limit)
	}
	if wait := r.Err.RetryAfter; wait > 0 {
		dst = appendKeyInt(dst, `,"retry_after_ms":`, int64((wait+time.Millisecond-1)/time.Millisecond))
	}
	return dst
}

// appendEvent appends a stored event as an object, the same in a frame of its own and in the answer to join and history.
func appendEvent(dst []byte, e *chat.Event) []byte {
	switch e.Kind {
	case chat.KindMessage:
		return appendMessage(dst, e)
	case chat.KindEdit:
		dst = appendPlace(append(dst, `{"type":"edited"`...), e)
		dst = appendKeyUser(appendID(dst, e.ClientID), &e.User)
		dst = appendKeyHTML(appendKeyString(dst, `,"text":`, e.Text), BodyOf(e))
		dst = appendMentions(dst, e.Mentions)
	case chat.KindDelete:
		dst = appendKeyUser(appendPlace(append(dst, `{"type":"deleted"`...), e), &e.User)
	case chat.KindReaction:
		dst = appendKeyUser(appendPlace(append(dst, `{"type":"reaction"`...), e), &e.User)
		dst = appendKeyBool(appendKeyString(dst, `,"emoji":`, e.Emoji), `,"on":`, e.On)
	case chat.KindTopic:
		dst = appendKeyUser(appendID(appendPlace(append(dst, `{"type":"topic"`...), e), e.ClientID), &e.User)
		dst = appendKeyString(dst, `,"text":`, e.Text)
	case chat.KindPin:
		dst = appendKeyUser(appendPlace(append(dst, `{"type":"pinned"`...), e), &e.User)
		dst = appendKeyBool(dst, `,"on":`, e.On)
	}
	return append(appendKeyTime(dst, `,"time":`, e.Time), '}')
}

// appendPlace says where in which room's log an event is, and which message it changes.
func appendPlace(dst []byte, e *chat.Event) []byte {
	dst = appendKeyInt(appendKeyString(dst, `,"room":`, string(e.Room)), `,"seq":`, e.Seq)
	if e.Kind == chat.KindMessage || e.Kind == chat.KindTopic {
		return dst
	}
	return appendKeyInt(dst, `,"of":`, e.Of)
}

func appendMessage(dst []byte, e *chat.Event) []byte {
	body := BodyOf(e)
	if e.Deleted != 0 {
		body.Text = ""
	}
	dst = appendID(appendPlace(append(dst, `{"type":"message"`...), e), e.ClientID)
	dst = appendKeyString(appendKeyUser(dst, &e.User), `,"text":`, body.Text)
	dst = appendKeyTime(appendKeyHTML(dst, body), `,"time":`, e.Time)
	if e.ReplyTo != 0 {
		dst = appendKeyInt(dst, `,"reply_to":`, e.ReplyTo)
	}
	if e.Quote != nil && e.Deleted == 0 {
		dst = appendQuote(dst, e.Quote)
	}
	if e.Edited != 0 {
		dst = appendKeyInt(dst, `,"edited":`, e.Edited)
	}
	if e.Deleted != 0 {
		dst = appendKeyInt(dst, `,"deleted":`, e.Deleted)
	}
	if e.Deleted == 0 {
		dst = appendMentions(dst, e.Mentions)
	}
	if len(e.Files) > 0 && e.Deleted == 0 {
		dst = AppendFiles(append(dst, `,"files":`...), e.Files)
	}
	if len(e.Reactions) > 0 {
		dst = appendReactions(dst, e.Reactions)
	}
	return append(dst, '}')
}

func appendQuote(dst []byte, q *chat.Quote) []byte {
	dst = appendKeyString(appendUser(append(dst, `,"quote":`...), &q.User), `,"text":`, q.Text)
	if q.Deleted {
		dst = append(dst, `,"deleted":true`...)
	}
	return append(dst, '}')
}

// appendMentions says who is meant by name, each once, and whether everybody is who was there.
func appendMentions(dst []byte, m *chat.Mentions) []byte {
	if m == nil {
		return dst
	}
	key := `,"mentions":[`
	for i := range m.Users {
		if id := m.Users[i].User; !(&chat.Mentions{Users: m.Users[:i]}).Means(id) {
			dst = appendString(append(dst, key...), string(id))
			key = `,`
		}
	}
	if len(m.Users) > 0 {
		dst = append(dst, ']')
	}
	if m.Here {
		dst = append(dst, `,"here":true`...)
	}
	return dst
}

func appendReactions(dst []byte, reactions []chat.Reaction) []byte {
	dst = append(dst, `,"reactions":[`...)
	for i := range reactions {
		dst = appendString(append(appendComma(dst, i), `{"emoji":`...), reactions[i].Emoji)
		dst = append(appendIDs(append(dst, `,"users":`...), reactions[i].Users), '}')
	}
	return append(dst, ']')
}

func appendIDs(dst []byte, users []chat.UserID) []byte {
	dst = append(dst, '[')
	for i, id := range users {
		dst = appendString(appendComma(dst, i), string(id))
	}
	return append(dst, ']')
}

func appendEvents(dst []byte, key string, events []chat.Event) []byte {
	dst = append(dst, key...)
	for i := range events {
		dst = appendEvent(appendComma(dst, i), &events[i])
	}
	return append(dst, ']')
}

func appendUsers(dst []byte, users []chat.User) []byte {
	return appendPeople(dst, `,"members":[`, users)
}

func appendPeople(dst []byte, key string, users []chat.User) []byte {
	dst = append(dst, key...)
	for i := range users {
		dst = append(appendUser(appendComma(dst, i), &users[i]), '}')
	}
	return append(dst, ']')
}

func appendUser(dst []byte, u *chat.User) []byte {
	return appendKeyString(appendString(append(dst, `{"user":`...), string(u.ID)), `,"name":`, u.Name)
}

func appendRooms(dst []byte, rooms []chat.RoomInfo) []byte {
	dst = append(dst, `,"rooms":[`...)
	for i := range rooms {
		info := &rooms[i]
		dst = appendString(append(appendComma(dst, i), `{"room":`...), string(info.Name))
		if info.Name.IsDirect() {
			dst = append(appendUser(append(dst, `,"peer":`...), &info.Peer), '}')
		}
		dst = appendKeyInt(appendKeyInt(dst, `,"last":`, info.Last), `,"read":`, info.Read)
		dst = appendKeyInt(dst, `,"unread":`, int64(info.Unread))
		if info.Mentions > 0 {
			dst = appendKeyInt(dst, `,"mentions":`, int64(info.Mentions))
		}
		dst = appendKeyInt(appendKeyBool(dst, `,"joined":`, info.Joined), `,"members":`, int64(info.Members))
		dst = append(appendRoomFacts(dst, info), '}')
	}
	return append(dst, ']')
}

func appendComma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}
