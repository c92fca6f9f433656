package chat_test

import (
	"path/filepath"
	"slices"
	"testing"

	"parley/internal/account"
	"parley/internal/chat"
)

// whole is a command of each kind that would do something where it may be given.
func whole(kind chat.CommandKind, room chat.RoomName) chat.Command {
	return chat.Command{
		Kind: kind, ID: "", Room: room, Text: "hi", Name: "Other", User: ada.ID, Of: 1, Emoji: "👍", On: true, Since: 0, Seq: 1, Limit: 10,
	}
}

func TestNobodyMayDoWhatTheTableDoesNotLetThem(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	for _, u := range []chat.User{ada, bob, eve} {
		taking := account.Taking{
			User: account.User{ID: string(u.ID), Name: u.Name, Kind: account.KindPerson}, New: true, Key: string(u.ID),
		}
		if err := s.Take(t.Context(), taking); err != nil {
			t.Fatal(err)
		}
	}
	a, inA := enter(t, h, ada)
	do(t, a, chat.Command{Kind: chat.CmdJoin, Room: "club", Since: -1})
	theirs, notThere := chat.Direct(ada.ID, bob.ID), chat.Direct("u_x", "u_y")
	invited, locked := made(t, a, inA, chat.EntryInvitation), made(t, a, inA, chat.EntryPassword)
	closed := map[chat.RoomName]chat.RoomName{invited: "~nothing.aaaaaaaa", locked: "~nothing"} // and one like it that isn't there
	for _, room := range []chat.RoomName{"lobby", "club", theirs, invited, locked} {
		do(t, a, chat.Command{Kind: chat.CmdSend, Room: room, Text: "hi"})
		inA.read(t, isReply(chat.ReplyAck))
	}
	e, inE := enter(t, h, eve)
	stored, told := h.Stats().Stored, len(inA.all())

	everywhere := map[chat.CommandKind]bool{
		chat.CmdRooms: true, chat.CmdMentions: true, chat.CmdActive: true, chat.CmdPing: true,
		chat.CmdAway: true, chat.CmdBack: true, chat.CmdWhois: true, chat.CmdIgnore: true,
	}
	authors := map[chat.CommandKind]bool{chat.CmdEdit: true, chat.CmdDelete: true}
	for kind := chat.CmdSend; kind <= chat.CmdClaim; kind++ {
		switch {
		case kind == chat.CmdCreate:
			refusedWith(t, e, whole(kind, ""), chat.CodeBadRequest) // a name of people is none of rooms
			continue
		case everywhere[kind]:
			do(t, e, whole(kind, ""))
			continue
		case kind == chat.CmdKick || kind == chat.CmdBan || kind == chat.CmdUnban: // moderators alone
			refusedWith(t, e, whole(kind, chat.Lobby), chat.CodeForbidden)
			continue
		case kind == chat.CmdRename || kind == chat.CmdClaim: // the session's, by other ways
			refusedWith(t, e, whole(kind, chat.Lobby), chat.CodeUnknownType)
			continue
		case authors[kind]:
			refusedWith(t, e, whole(kind, chat.Lobby), chat.CodeForbidden)
		}
		secret := refusedWith(t, e, whole(kind, theirs), chat.CodeNotFound)
		if nothing := refusedWith(t, e, whole(kind, notThere), chat.CodeNotFound); nothing.Message != secret.Message {
			t.Errorf("command %d: a private room of others is %q, one that isn't there %q", kind, secret.Message, nothing.Message)
		}
		for room, other := range closed {
			if kind == chat.CmdJoin && room == locked {
				refusedWith(t, e, whole(kind, room), chat.CodeLocked)
				continue
			}
			for _, name := range []chat.RoomName{room, other} {
				if refused := refusedWith(t, e, whole(kind, name), chat.CodeNotFound); refused.Message != secret.Message {
					t.Errorf("command %d: of %s it is said %q, of a private room of others %q", kind, name, refused.Message, secret.Message)
				}
			}
		}
		refusedWith(t, e, whole(kind, "No Room"), chat.CodeBadRequest)
		if kind != chat.CmdJoin && kind != chat.CmdSearch {
			refusedWith(t, e, whole(kind, "club"), chat.CodeNotMember)
		}
	}
	for _, kind := range []chat.CommandKind{0, chat.CmdClaim + 1, 255} {
		refusedWith(t, e, whole(kind, chat.Lobby), chat.CodeUnknownType)
	}

	do(t, e, chat.Command{Kind: chat.CmdRooms})
	do(t, e, chat.Command{Kind: chat.CmdSearch, Text: "hi"})
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "the last"})
	inE.read(t, isText("the last"))
	if got := h.Stats().Stored; got != stored+1 {
		t.Errorf("%d events were stored, besides the last", got-stored-1)
	}
	presence := []chat.SignalKind{chat.SignalJoin, chat.SignalAway, chat.SignalBack}
	for _, l := range inA.all()[told:] {
		if l.Event != nil && l.Event.Text != "the last" || l.Signal != nil && !slices.Contains(presence, l.Signal.Kind) {
			t.Errorf("others were told %+v", l)
		}
	}
	for _, l := range inE.all() {
		if l.Event != nil && l.Event.Room != chat.Lobby || l.Signal != nil && l.Signal.Room != chat.Lobby {
			t.Errorf("a stranger was told %+v", l)
		}
		for _, info := range roomsOf(l.Reply) {
			if info.Name.IsDirect() || info.Name == invited || info.Name == locked && info != (chat.RoomInfo{Name: locked, Locked: true}) {
				t.Errorf("a stranger's list holds %+v", info)
			}
		}
	}
}

func roomsOf(r *chat.Reply) []chat.RoomInfo {
	if r == nil {
		return nil
	}
	return r.Rooms
}
