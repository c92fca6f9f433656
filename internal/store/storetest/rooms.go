package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"parley/internal/chat"
)

func topic(room chat.RoomName, text string) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindTopic, User: ada, Text: text, Time: noon}
}

func pin(room chat.RoomName, of int64, on bool) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindPin, User: ada, Of: of, On: on, Time: noon}
}

// factsOf returns what a room is beside its log.
func factsOf(t *testing.T, s Store, room chat.RoomName) chat.Facts {
	t.Helper()
	facts, err := s.Facts(t.Context(), room)
	must(t, err)
	return facts
}

func testTopics(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place)
	same(t, "what a room is that isn't there", chat.Facts{}, factsOf(t, s, "dev"))
	appended(t, s, topic("dev", "tomatoes"), message("dev", bob, "1", "hi"))
	appended(t, s, topic("other", "peas"))
	appended(t, s, topic("dev", "pears"))
	same(t, "what the room is", chat.Facts{Topic: "pears"}, factsOf(t, s, "dev"))
	same(t, "the room in a list", chat.RoomInfo{Name: "dev", Last: 3, Topic: "pears"}, seen(t, s, bob, "dev"))
	events := whole(t, s, "dev")
	same(t, "the first topic in the log", "tomatoes", events[0].Text)
	if page, err := s.Before(t.Context(), "dev", 0, 10); err != nil || len(page) != 1 {
		t.Errorf("a page of messages holds %+v (%v)", page, err)
	}
	must(t, s.Close())
	s = open(t, place)
	defer s.Close()
	same(t, "what the room is after opening again", chat.Facts{Topic: "pears"}, factsOf(t, s, "dev"))
	appended(t, s, topic("dev", ""))
	same(t, "without a topic", chat.Facts{}, factsOf(t, s, "dev"))
}

func testPins(t *testing.T, open Opener) {
	s := open.opened(t)
	for i := range 4 { // 1 to 4
		appended(t, s, message("dev", bob, fmt.Sprint(i), "hi"))
	}
	appended(t, s, pin("dev", 3, true), pin("dev", 1, true), pin("dev", 3, true), pin("dev", 5, true), pin("dev", 99, true))
	same(t, "in the order of pinning, messages alone", []int64{3, 1}, factsOf(t, s, "dev").Pins)
	appended(t, s, pin("dev", 3, false), pin("dev", 4, true), pin("dev", 2, false), pin("dev", 3, true))
	same(t, "after taking one back", []int64{1, 4, 3}, factsOf(t, s, "dev").Pins)
	appended(t, s, deletion("dev", bob, 4), pin("dev", 4, true))
	same(t, "after a deletion", []int64{1, 3}, factsOf(t, s, "dev").Pins)
	same(t, "in another room", []int64(nil), factsOf(t, s, "other").Pins)
}

func testMuting(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Mute(t.Context(), "dev", ada.ID, true)) // which isn't there
	for _, user := range []chat.User{ada, bob} {
		must(t, s.Enter(t.Context(), "dev", user.ID))
	}
	appended(t, s, message("dev", bob, "1", "hi"))
	marks(t, s, "dev", ada.ID, 1)
	for range 2 {
		must(t, s.Mute(t.Context(), "dev", ada.ID, true))
		same(t, "to who muted it", chat.RoomInfo{Name: "dev", Last: 1, Read: 1, Joined: true, Muted: true}, seen(t, s, ada, "dev"))
		same(t, "to the other", chat.RoomInfo{Name: "dev", Last: 1, Joined: true}, seen(t, s, bob, "dev"))
	}
	must(t, s.Mute(t.Context(), "dev", ada.ID, false))
	same(t, "after unmuting", chat.RoomInfo{Name: "dev", Last: 1, Read: 1, Joined: true}, seen(t, s, ada, "dev"))
	private := chat.Direct(ada.ID, bob.ID)
	appended(t, s, message(private, bob, "2", "psst"))
	must(t, s.Mute(t.Context(), private, ada.ID, true))
	if r := seen(t, s, ada, private); !r.Muted || r.Joined || r.Unread != 1 {
		t.Errorf("a private room that is muted is %+v", r)
	}
}

// isRole requires that a user is something in a room.
func isRole(t *testing.T, s Store, room chat.RoomName, user chat.User, want chat.Role) {
	t.Helper()
	if role, err := s.Role(t.Context(), room, user.ID); role != want || err != nil {
		t.Errorf("%s is %q in %s (%v), not %q", user.Name, role, room, err, want)
	}
}

func testRoles(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.SetRole(t.Context(), "dev", ada.ID, chat.RoleOwner)) // which isn't there
	isRole(t, s, "dev", ada, chat.RoleNone)
	for _, user := range []chat.User{ada, bob} {
		must(t, s.Enter(t.Context(), chat.Lobby, user.ID))
		must(t, s.Enter(t.Context(), "dev", user.ID))
	}
	isRole(t, s, "dev", ada, chat.RoleOwner) // who came first made it
	isRole(t, s, "dev", bob, chat.RoleNone)
	isRole(t, s, chat.Lobby, ada, chat.RoleNone)
	must(t, s.SetRole(t.Context(), "dev", bob.ID, chat.RoleModerator))
	for _, user := range []chat.User{ada, bob} {
		must(t, s.Exit(t.Context(), "dev", user.ID))
		must(t, s.Enter(t.Context(), "dev", user.ID))
	}
	isRole(t, s, "dev", ada, chat.RoleOwner)
	isRole(t, s, "dev", bob, chat.RoleModerator)
	must(t, s.SetRole(t.Context(), "dev", bob.ID, chat.RoleNone))
	isRole(t, s, "dev", bob, chat.RoleNone)
}

func testClosedRooms(t *testing.T, open Opener) {
	s := open.opened(t)
	const invited, locked = chat.RoomName("~team.k7x2m9qa"), chat.RoomName("~cellar")
	must(t, s.Create(t.Context(), invited, ada.ID, ""))
	must(t, s.Create(t.Context(), locked, ada.ID, "open sesame"))
	must(t, s.Create(t.Context(), "barn", ada.ID, ""))
	same(t, "before anything is said", []chat.RoomInfo{{Name: locked, Locked: true}}, listed(t, s, bob))
	for _, room := range []chat.RoomName{invited, locked, "barn"} {
		if err := s.Create(t.Context(), room, bob.ID, "another"); !errors.Is(err, chat.ErrTaken) {
			t.Errorf("%s is made again: %v", room, err)
		}
		isRole(t, s, room, ada, chat.RoleOwner)
		isRole(t, s, room, bob, chat.RoleNone)
		appended(t, s, message(room, ada, string(room), "treasure"))
		same(t, "to its owner", chat.RoomInfo{Name: room, Last: 1, Joined: true}, seen(t, s, ada, room))
	}
	appended(t, s, topic(locked, "secret"))
	visible := func(user chat.User, want ...chat.RoomInfo) {
		t.Helper()
		shown := map[chat.RoomName]chat.RoomInfo{}
		for _, r := range listed(t, s, user) {
			shown[r.Name] = r
		}
		wanted := map[chat.RoomName]chat.RoomInfo{"barn": {Name: "barn", Last: 1}}
		for _, r := range want {
			wanted[r.Name] = r
		}
		same(t, "to "+user.Name, wanted, shown)
	}
	visible(bob, chat.RoomInfo{Name: locked, Locked: true})
	must(t, s.SetRole(t.Context(), invited, bob.ID, chat.RoleMember))
	must(t, s.SetRole(t.Context(), locked, bob.ID, chat.RoleMember))
	visible(bob, chat.RoomInfo{Name: locked, Last: 2, Topic: "secret"}, chat.RoomInfo{Name: invited, Last: 1})
	visible(cyd, chat.RoomInfo{Name: locked, Locked: true})
	for user, want := range map[chat.User][]chat.RoomName{bob: {"barn", locked, invited}, cyd: {"barn"}} {
		var rooms []chat.RoomName
		found, err := s.Find(t.Context(), chat.Search{Reader: user.ID, Words: []string{"treasure"}, Limit: 10})
		must(t, err)
		for _, hit := range found.Hits {
			rooms = append(rooms, hit.Room)
		}
		same(t, "what "+user.Name+" finds", want, rooms)
	}
	must(t, s.Enter(t.Context(), invited, bob.ID))
	must(t, s.Exit(t.Context(), invited, bob.ID))
	must(t, s.Exit(t.Context(), invited, ada.ID))
	isRole(t, s, invited, bob, chat.RoleNone)
	isRole(t, s, invited, ada, chat.RoleOwner)
	must(t, s.Enter(t.Context(), "~gone.k7x2m9qa", bob.ID)) // entering makes no closed room
	if last, err := s.Last(t.Context(), "~gone.k7x2m9qa"); last != 0 || err != nil {
		t.Errorf("it has %d events (%v)", last, err)
	}
	if err := s.Create(t.Context(), "~gone.k7x2m9qa", ada.ID, ""); err != nil {
		t.Errorf("entering has made a closed room: %v", err)
	}
	isRole(t, s, "~gone.k7x2m9qa", bob, chat.RoleNone)
}

func testInvitations(t *testing.T, open Opener) {
	s := open.opened(t)
	people(t, s, ada, bob, cyd)
	const room = chat.RoomName("~team.k7x2m9qa")
	must(t, s.Invite(t.Context(), room, bob.ID, ada.ID)) // which isn't there
	must(t, s.Create(t.Context(), room, ada.ID, ""))
	same(t, "to who was asked into nothing", []chat.RoomInfo(nil), listed(t, s, bob))
	must(t, s.Invite(t.Context(), room, bob.ID, ada.ID))
	must(t, s.Invite(t.Context(), room, bob.ID, cyd.ID)) // and once more
	must(t, s.Invite(t.Context(), room, ada.ID, cyd.ID)) // who made it
	isRole(t, s, room, ada, chat.RoleOwner)
	isRole(t, s, room, bob, chat.RoleMember)
	asked := chat.RoomInfo{Name: room, Inviter: ada}
	same(t, "to who was asked", asked, seen(t, s, bob, room))
	must(t, s.Ignore(t.Context(), bob.ID, ada.ID, true))
	same(t, "to who ignores who asked", chat.RoomInfo{Name: room}, seen(t, s, bob, room))
	must(t, s.Ignore(t.Context(), bob.ID, ada.ID, false))
	same(t, "to who made it", chat.RoomInfo{Name: room, Joined: true}, seen(t, s, ada, room))
	must(t, s.Enter(t.Context(), room, bob.ID))
	same(t, "to who came in", chat.RoomInfo{Name: room, Joined: true}, seen(t, s, bob, room))
	must(t, s.Exit(t.Context(), room, bob.ID))
	must(t, s.Invite(t.Context(), room, bob.ID, ada.ID))
	same(t, "to who left and was asked again", asked, seen(t, s, bob, room))
	must(t, s.SetRole(t.Context(), room, bob.ID, chat.RoleRemoved))
	must(t, s.Invite(t.Context(), room, bob.ID, ada.ID))
	same(t, "to who was removed and asked again", asked, seen(t, s, bob, room))
}

func testRemovals(t *testing.T, open Opener) {
	s := open.opened(t)
	for _, room := range []chat.RoomName{"~team.k7x2m9qa", "~cellar"} {
		password := ""
		if room.Entry() == chat.EntryPassword {
			password = "open sesame"
		}
		must(t, s.Create(t.Context(), room, ada.ID, password))
		must(t, s.SetRole(t.Context(), room, bob.ID, chat.RoleMember))
		must(t, s.Enter(t.Context(), room, bob.ID))
		appended(t, s, message(room, ada, string(room), "treasure"))
		same(t, "to who is in", chat.RoomInfo{Name: room, Last: 1, Unread: 1, Joined: true}, seen(t, s, bob, room))
		must(t, s.SetRole(t.Context(), room, bob.ID, chat.RoleRemoved))
		for _, change := range []func(context.Context, chat.RoomName, chat.UserID) error{s.Enter, s.Exit, s.Enter} { // that came too late
			must(t, change(t.Context(), room, bob.ID))
			isRole(t, s, room, bob, chat.RoleRemoved)
			same(t, "to who was removed", []chat.RoomInfo(nil), listed(t, s, bob))
			found, err := s.Find(t.Context(), chat.Search{Reader: bob.ID, Words: []string{"treasure"}, Limit: 10})
			must(t, err)
			same(t, "what they find", 0, len(found.Hits))
		}
		must(t, s.SetRole(t.Context(), room, bob.ID, chat.RoleMember))
		same(t, "to who is let in again", chat.RoomInfo{Name: room, Last: 1}, seen(t, s, bob, room))
		must(t, s.SetRole(t.Context(), room, bob.ID, chat.RoleRemoved))
	}
}

func testInsiders(t *testing.T, open Opener) {
	s := open.opened(t)
	people(t, s, ada, bob, cyd)
	const room = chat.RoomName("~team.k7x2m9qa")
	must(t, s.Create(t.Context(), room, cyd.ID, ""))
	must(t, s.SetRole(t.Context(), room, bob.ID, chat.RoleMember))
	must(t, s.SetRole(t.Context(), room, ada.ID, chat.RoleMember))
	insiders := func(want ...chat.Insider) {
		t.Helper()
		got, err := s.Insiders(t.Context(), room)
		must(t, err)
		same(t, "those who were let in", want, got)
	}
	owner := chat.Insider{User: cyd, Role: chat.RoleOwner}
	insiders(owner, chat.Insider{User: ada, Role: chat.RoleMember}, chat.Insider{User: bob, Role: chat.RoleMember})
	must(t, s.SetRole(t.Context(), room, ada.ID, chat.RoleRemoved))
	must(t, s.Exit(t.Context(), room, bob.ID))
	insiders(owner)
}

func testPasswords(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Create(t.Context(), "~cellar", ada.ID, "öffne dich"))
	must(t, s.Create(t.Context(), "barn", ada.ID, ""))
	for password, want := range map[string]bool{"öffne dich": true, "Öffne dich": false, "": false, "öffne dich ": false} {
		if fits, err := s.Unlock(t.Context(), "~cellar", password); fits != want || err != nil {
			t.Errorf("%q fits: %v (%v)", password, fits, err)
		}
	}
	must(t, s.SetPassword(t.Context(), "~cellar", "geh auf"))
	must(t, s.SetPassword(t.Context(), "barn", "geh auf")) // which has none, and gets none
	for password, want := range map[string]bool{"öffne dich": false, "geh auf": true} {
		if fits, err := s.Unlock(t.Context(), "~cellar", password); fits != want || err != nil {
			t.Errorf("after the change %q fits: %v (%v)", password, fits, err)
		}
	}
	for _, room := range []chat.RoomName{"barn", "~nothing"} {
		if fits, err := s.Unlock(t.Context(), room, ""); fits || !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s is opened: %v (%v)", room, fits, err)
		}
	}
}

func testArchived(t *testing.T, open Opener) {
	s := open.opened(t)
	const secret = chat.RoomName("~team.k7x2m9qa")
	must(t, s.Create(t.Context(), secret, ada.ID, ""))
	must(t, s.Enter(t.Context(), "barn", ada.ID))
	appended(t, s, message("barn", ada, "1", "hay"), topic("barn", "hay"))
	appended(t, s, message(secret, ada, "2", "treasure"))
	for _, room := range []chat.RoomName{"barn", secret} {
		must(t, s.Archive(t.Context(), room, true))
		if !factsOf(t, s, room).Archived {
			t.Errorf("%s is not archived", room)
		}
	}
	archived := func(user chat.User) []chat.RoomInfo {
		t.Helper()
		rooms, err := s.Archived(t.Context(), user.ID)
		must(t, err)
		return rooms
	}
	barn := chat.RoomInfo{Name: "barn", Last: 2, Topic: "hay", Archived: true}
	same(t, "archived, to a stranger", []chat.RoomInfo{barn}, archived(bob))
	if n := len(archived(ada)); n != 2 {
		t.Errorf("%d are archived, to who is in both", n)
	}
	for _, user := range []chat.User{ada, bob} {
		same(t, "listed to "+user.Name, []chat.RoomInfo(nil), listed(t, s, user))
	}
	for _, room := range []chat.RoomName{"barn", secret} {
		must(t, s.Archive(t.Context(), room, false))
	}
	same(t, "opened again, to a stranger", []chat.RoomInfo{{Name: "barn", Last: 2, Topic: "hay"}}, listed(t, s, bob))
	same(t, "archived then", []chat.RoomInfo(nil), archived(ada))
}
