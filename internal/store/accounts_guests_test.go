package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
)

func TestGuestKeepsAName(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	guest := h.claim("Client 1")
	if guest.Kind != account.KindGuest || guest.Name != "Client 1" {
		t.Errorf("the guest is %+v", guest)
	}
	h.connects(guest)
	if e := h.claimRefused(account.CodeNameTaken, "client 1"); e.Suggestion != "client 2" {
		t.Errorf("suggested is %q", e.Suggestion)
	}
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Client 1"})
	h.disconnects(guest)
	if again := h.claim("CLIENT 1"); again.ID != guest.ID || again.Name != "CLIENT 1" {
		t.Errorf("who comes back is %+v, before %+v", again, guest)
	}
}

func TestGuestIsTheSameAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := opened(t, path)
	guest := houseOn(t, s, account.AccessOpen, hold).claim("Client 1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = opened(t, path)
	defer s.Close()
	if again := houseOn(t, s, account.AccessOpen, hold).claim("Client 1"); again != guest {
		t.Errorf("after a restart %+v, before %+v", again, guest)
	}
}

func TestNameOfAGuestGoesToWhoJoins(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	guest := h.claim("Ada")
	_, ada := h.join("Ada", "")
	if ada.User.ID == guest.ID {
		t.Error("who joins is the guest who had the name before")
	}
	if u, err := h.store.ByName(t.Context(), "Ada"); err != nil || string(u.ID) != ada.User.ID {
		t.Errorf("ByName: %+v, %v", u, err)
	}
	if u, err := h.store.ByID(t.Context(), chat.UserID(guest.ID)); err != nil || u.Name != "Ada" {
		t.Errorf("ByID of the guest: %+v, %v", u, err)
	}
	h.claimRefused(account.CodeNameTaken, "Ada")
}

func TestGuestsGetFreeNames(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	h.join("guest 2", "")
	seen := map[string]bool{}
	for _, want := range []string{"Guest 1", "Guest 3", "Guest 4"} {
		guest, err := h.Guest(t.Context())
		if err != nil || guest.Name != want || guest.Kind != account.KindGuest || seen[guest.ID] {
			t.Errorf("the guest is %+v, %v; want %s", guest, err, want)
		}
		seen[guest.ID] = true
		h.connects(guest)
	}
	// After a restart the numbers begin anew, for other people.
	after := houseOn(t, h.store, account.AccessOpen, hold)
	after.here = map[string]bool{}
	guest, err := after.Guest(t.Context())
	if err != nil || guest.Name != "Guest 1" || seen[guest.ID] {
		t.Errorf("the first guest after a restart is %+v, %v", guest, err)
	}
}

func TestPurgeRemovesGuestsWhoAreGone(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	for i := range 450 { // more than one step
		guest, err := h.Guest(t.Context())
		if err == nil && i%100 == 0 { // a room that they never said anything in, nor left
			err = h.store.Enter(t.Context(), chat.RoomName(fmt.Sprint("junk-", i)), chat.UserID(guest.ID))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	here := h.claim("Bob")
	h.connects(here)
	token, ada := h.join("Ada", "")
	h.pass(hold + time.Hour)
	h.connects(ada.User)
	h.opens(ada.ID)
	if err := h.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.session(token, &ada.User)
	var left int
	if err := h.store.read.QueryRow(`SELECT count(*) FROM users`).Scan(&left); err != nil || left != 2 {
		t.Errorf("%d users are left, %v; want the two who are here", left, err)
	}
	if err := h.store.read.QueryRow(`SELECT count(*) FROM rooms`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rooms are left, %v, that nobody ever said anything in", left, err)
	}
}
