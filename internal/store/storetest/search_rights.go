package storetest

import (
	"fmt"
	"slices"
	"testing"

	"parley/internal/chat"
)

func testPrivateRoomsAreFoundByTheirTwo(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	theirs := chat.Direct(ada.ID, bob.ID)
	appended(t, s, message(theirs, ada, "1", "secret plan"))
	appended(t, s, message(theirs, bob, "1", "a plan?"))
	appended(t, s, message(chat.Lobby, bob, "2", "the plan"))
	appended(t, s, message(chat.Direct(cyd.ID, cyd.ID), cyd, "1", "plan of mine"))
	wait(t, s)
	for _, tt := range []struct {
		search chat.Search
		want   []string
	}{
		{words(ada, "plan"), []string{"the plan", "a plan?", "secret plan"}},
		{words(bob, "plan"), []string{"the plan", "a plan?", "secret plan"}},
		{words(cyd, "plan"), []string{"plan of mine", "the plan"}},
		{words(cyd, "secret"), nil},
		{words(chat.User{ID: "u_"}, "plan"), []string{"the plan"}},
		{words(chat.User{ID: `u_ada" OR "u_bob`}, "plan"), []string{"the plan"}},
		{chat.Search{Reader: cyd.ID, Words: []string{"plan"}, Room: theirs}, nil},
		{chat.Search{Reader: cyd.ID, Words: []string{"plan"}, From: ada.ID}, nil},
		{chat.Search{Reader: cyd.ID, From: bob.ID}, []string{"the plan"}},
		{chat.Search{Reader: cyd.ID, Since: noon.AddDate(-1, 0, 0)}, []string{"plan of mine", "the plan"}},
		{chat.Search{Reader: ada.ID, Words: []string{"plan"}, Room: theirs}, []string{"a plan?", "secret plan"}},
		{chat.Search{Reader: ada.ID, Words: []string{"plan"}, Room: chat.Lobby}, []string{"the plan"}},
		{words(cyd, "@u_ada"), nil},
		{words(cyd, "#@u_ada.u_bob"), nil},
		{words(cyd, "=all"), nil},
	} {
		if got := find(t, s, tt.search); !slices.Equal(got, tt.want) {
			t.Errorf("%+v finds %q, not %q", tt.search, got, tt.want)
		}
	}
	// A page that is full of what one may read says nothing of what one may not.
	limited := words(cyd, "plan")
	limited.Limit = 2
	if found, err := s.Find(t.Context(), limited); err != nil || len(found.Hits) != 2 || found.Before != 0 {
		t.Errorf("a stranger's page: %d hits, goes on at %d (%v)", len(found.Hits), found.Before, err)
	}
}

func testClosedRoomsAreFound(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t).(FileStore)
	const invited, locked = chat.RoomName("~team.k7x2m9qa"), chat.RoomName("~cellar")
	must(t, s.Create(t.Context(), invited, ada.ID, ""))
	must(t, s.Create(t.Context(), locked, ada.ID, "a hash"))
	must(t, s.SetRole(t.Context(), locked, bob.ID, chat.RoleMember))
	appended(t, s, withFiles(message(invited, ada, "1", "our plan"), added(t, s, ada, 1)))
	appended(t, s, withFiles(message(locked, ada, "2", "a plan below"), added(t, s, ada, 2)))
	appended(t, s, withFiles(message("team", ada, "3", "the plan of all"), added(t, s, ada, 3)))
	appended(t, s, message("cellar", bob, "4", "wine"))
	wait(t, s)
	everything := func(search chat.Search) (found []string) {
		for _, hit := range findAll(t, s, search) {
			found = append(found, hit.Text)
			for _, f := range hit.Files {
				found = append(found, f.Name)
			}
		}
		return found
	}
	ofAll, below, ours := []string{"the plan of all", "cat 3.jpg"}, []string{"a plan below", "cat 2.jpg"}, []string{"our plan", "cat 1.jpg"}
	both := slices.Concat(ofAll, below)
	all := slices.Concat(both, ours)
	checkAll := func(when string, bobs, cyds []string) {
		t.Helper()
		for _, reader := range []struct {
			user chat.User
			want []string
		}{{ada, all}, {bob, bobs}, {cyd, cyds}} {
			for _, search := range []chat.Search{
				{Words: []string{"plan"}},
				{Words: []string{"plan"}, HasFile: true},
				{HasFile: true},
				{From: ada.ID},
				{HasFile: true, From: ada.ID},
				{Since: noon.AddDate(-1, 0, 0), HasFile: true},
				{Words: []string{"plan"}, From: ada.ID, Till: noon.AddDate(1, 0, 0)},
			} {
				search.Reader = reader.user.ID
				same(t, fmt.Sprintf("%s, what %s finds of %+v", when, reader.user.Name, search), reader.want, everything(search))
				for room, texts := range map[chat.RoomName][]string{invited: ours, locked: below} {
					if !slices.Contains(reader.want, texts[0]) {
						texts = nil
					}
					search.Room = room
					same(t, fmt.Sprintf("%s, what %s finds of %+v", when, reader.user.Name, search), texts, everything(search))
				}
			}
		}
	}
	checkAll("at first", both, ofAll)
	must(t, s.SetRole(t.Context(), invited, cyd.ID, chat.RoleMember))
	must(t, s.SetRole(t.Context(), locked, bob.ID, chat.RoleNone))
	checkAll("after one came and one went", ofAll, slices.Concat(ofAll, ours))
}
