package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// TestInvitationLeadsToTheRoomThatIsOpenToAll looks at the addresses that people pass on. They lead to the room in which they are shown where
// everybody may come in; from any other to the lobby, and say nothing of it.
func TestInvitationLeadsToTheRoomThatIsOpenToAll(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.commands", "0")
	header := s.session(t, "Ada")
	maker, ada := dial(t, s.WS("?dialect=json"), header), &scriptless{t, s, header.Get("Cookie")}
	maker.next("joined")
	maker.send(`{"type":"create","name":"cellar","entry":"password","password":"open sesame"}`)
	maker.next("created")
	maker.send(`{"type":"create","name":"team","entry":"invitation"}`)
	team := maker.next("created").Room
	s.session(t, "Bob")
	_, private, _ := ada.types("/rooms/lobby", "/msg Bob Just for you")
	private = strings.TrimSuffix(private, "/plain")

	_, lobbyCode := invitationOn(t, ada.reads("/rooms/lobby"))
	for path, to := range map[string]string{
		"/rooms/lobby": "", "/rooms/garden": "/?room=garden", "/rooms/~cellar": "", "/rooms/" + team: "", private: "",
	} {
		address, code := invitationOn(t, ada.reads(path))
		if address != s.URL+to || (code == lobbyCode) != (to == "") {
			t.Errorf("%s invites to %q, or by a code for elsewhere", path, address)
		}
		if page := mainOf(ada.reads(path + "/plain?invite")); !strings.Contains(page, "Others come here by "+s.URL+to+"<") {
			t.Errorf("without a script %s invites to elsewhere than %q: %s", path, to, page)
		}
	}
	dan := s.json(t, "Dan", "&room=garden")
	dan.send(`{"type":"join","room":"~cellar","password":"open sesame"}`)
	dan.next("joined")
	for asked, to := range map[string]string{"garden": "/?room=garden", "lobby": "", "~cellar": "", team: "", "a/b": ""} {
		_, page := s.get(t, "/?room="+url.QueryEscape(asked), "")
		if strings.Contains(page, "Dan") != (asked == "garden") || !strings.Contains(page, "are here") && !strings.Contains(page, "is here") {
			t.Errorf("who comes for %q is told wrongly who is there: %s", asked, page)
		}
		if address, _ := invitationOn(t, page); address != s.URL+to {
			t.Errorf("who comes for %q is shown how others come to %q", asked, address)
		}
	}
}

// invitationOn is the address on a page by which others come, and its code to be scanned.
func invitationOn(t *testing.T, page string) (address, code string) {
	t.Helper()
	_, code, found := strings.Cut(page, `<div class="qr">`)
	code, _, _ = strings.Cut(code, "</div>")
	_, address, shown := strings.Cut(page, `<p class="url">`)
	address, _, _ = strings.Cut(address, "</p>")
	if !found || !shown || !strings.Contains(code, "<svg") {
		t.Fatalf("there is no invitation on %s", page)
	}
	return address, code
}
