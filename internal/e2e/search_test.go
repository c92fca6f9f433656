package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// searched asks and returns the whole answer, as it came.
func (s *socket) searched(room, query string) string {
	s.t.Helper()
	ask := map[string]any{"type": "search", "id": "s", "query": query}
	if room != "" {
		ask["room"] = room
	}
	b, err := json.Marshal(ask)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.searchedWhole(string(b))
}

// searchedWhole asks again where the server may have taken its time: after 200 ms it answers with what it has found by then.
func (s *socket) searchedWhole(ask string) string {
	s.t.Helper()
	for end := time.Now().Add(2 * patience); ; {
		begun := time.Now()
		answer := s.searchedOnce(ask)
		if took := time.Since(begun); took < 200*time.Millisecond || begun.After(end) {
			return answer
		}
	}
}

func (s *socket) searchedOnce(ask string) string {
	s.t.Helper()
	s.send(ask)
	for {
		raw := s.read()
		if strings.HasPrefix(raw, `{"type":"found"`) || strings.HasPrefix(raw, `{"type":"error"`) {
			return raw
		}
	}
}

var snippets = regexp.MustCompile(`"snippet":\[(.*?)\]\}`)

// found are the snippets of an answer, as they are written.
func found(answer string) string {
	var all []string
	for _, match := range snippets.FindAllStringSubmatch(answer, -1) {
		all = append(all, match[1])
	}
	return strings.Join(all, " ")
}

func TestSearchFindsWhatWasSaidAMomentAgo(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := s.json(t, "Ada", ""), s.json(t, "Bob", "")
	first := ada.say("1", "Grüße aus dem Café, 王小明!")
	ada.say("2", `<script>café</script>`)
	for query, want := range map[string]string{
		"cafe": `"<script>","café","</script>" "Grüße aus dem ","Café",", 王小明!"`, "小明": `"Grüße aus dem Café, 王","小明","!"`,
		"GRÜSSE": `"","Grüße"," aus dem Café, 王小明!"`, "grüße aus": `"","Grüße"," ","aus"," dem Café, 王小明!"`, "nothing": "",
	} {
		if got := found(bob.searched("lobby", query)); got != want {
			t.Errorf("%q finds %s", query, got)
		}
	}
	ada.send(fmt.Sprintf(`{"type":"edit","id":"3","of":%d,"text":"Gruß vom Strand"}`, first.Seq))
	ada.next("ack")
	ada.send(`{"type":"delete","id":"4","of":2}`)
	ada.next("ack")
	if got := found(bob.searched("", "cafe")); got != "" {
		t.Errorf("what was edited and deleted is found as %s", got)
	}
	if got := found(bob.searched("", "strand from:ada")); got != `"Gruß vom ","Strand",""` {
		t.Errorf("what it became is found as %s", got)
	}
	if got := bob.searched("", "has:wings"); !strings.Contains(got, `"id":"s","code":"bad_request"`) {
		t.Errorf("has: of what messages can't have is answered with %s", got)
	}
	if got := found(bob.searched("", "has:file")); got != "" {
		t.Errorf("messages without files are found as %s", got)
	}
	s.Kill()
	s.Start()
	if got := found(s.json(t, "Cyd", "").searched("", "strand")); got != `"Gruß vom ","Strand",""` {
		t.Errorf("after a crash it is found as %s", got)
	}
	rpc := dial(t, s.WS("?dialect=rpc&name=Dan"), nil)
	rpc.send(`{"id":1,"method":"GET","target":"/search","body":"{\"query\":\"strand\"}"}`)
	rpc.want(`{"id":1,"code":200,"message":"","body":"Ada: Gruß vom Strand"}`)
}

// Whatever Eve looks for, her answers are the same to the letter, whether Ada and Bob have written to each other or not.
func TestSearchTellsNothingOfPrivateRoomsOfOthers(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada, bob, eve := s.json(t, "Ada", ""), s.json(t, "Bob", ""), s.json(t, "Eve", "")
	for n := range 30 {
		ada.say(fmt.Sprint("a", n), fmt.Sprint("the plan ", n))
	}
	queries := []string{
		"plan", "secret", "from:Ada", "from:Bob plan", "after:2020-01-01", "before:2099-01-01 the", `"secret plan"`, `"plan 7"`, "unicorn", "機密", "密",
	}
	ask := func() (answers []string) {
		for _, query := range queries {
			for _, room := range []string{"", "lobby"} {
				answers = append(answers, cursor.ReplaceAllString(eve.searched(room, query), `"before":"somewhere"`))
			}
		}
		return answers
	}
	before := ask()
	var private frame
	for n := range 40 {
		ada.send(fmt.Sprintf(`{"type":"send","id":"p%d","to":"Bob","text":"the secret plan %d of the unicorn, 機密"}`, n, n))
		private = ada.next("ack")
	}
	bob.send(`{"type":"send","id":"q","to":"Ada","text":"plan from Bob"}`)
	bob.next("ack")
	for i, answer := range ask() {
		if answer != before[i] {
			t.Errorf("%q: Eve was told\n%s\nand now\n%s", queries[i/2], before[i], answer)
		}
	}
	if got := bob.searched("", "unicorn"); strings.Count(got, `"snippet"`) != 20 {
		t.Errorf("Bob finds %s", got)
	}
	theirs, nothing := eve.searched(private.Room, "plan"), eve.searched("@u_nobody.u_nobodyelse", "plan")
	if theirs != nothing || !strings.Contains(theirs, `"code":"not_found"`) {
		t.Errorf("in their room Eve is told\n%s\nand in one that isn't there\n%s", theirs, nothing)
	}
}

// cursor is where to go on, which is another text each time.
var cursor = regexp.MustCompile(`"before":"([\w-]{22})"`)

// Where to go on is counted in what the whole server stores. Nobody gets to see that, by which one could count what others say.
func TestPlaceOfASearchTellsNothingAndIsGoodUntilTheServerEnds(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	eve := s.json(t, "Eve", "")
	for i := range 5 {
		eve.say(fmt.Sprint("e", i), fmt.Sprint("probe ", i))
	}
	page := func(before string) (answer, place string) {
		answer = eve.searchedWhole(fmt.Sprintf(`{"type":"search","query":"probe","limit":2,"before":%q}`, before))
		if match := cursor.FindStringSubmatch(answer); match != nil {
			place = match[1]
		}
		return answer, place
	}
	first, place := page("")
	_, same := page("")
	if place == "" || same == place {
		t.Errorf("the same place is shown as %q and %q, in %s", place, same, first)
	}
	for _, from := range []string{place, same} {
		if second, _ := page(from); found(second) != `"","probe"," 2" "","probe"," 1"` {
			t.Errorf("the second page is %s", second)
		}
	}
	for _, wrong := range []string{"7", place[1:], place + "A", "A" + place[1:], "!" + place[1:], place[:21] + "_", "AAAAAAAAAAAAAAAAAAAAAA", place + "\n"} {
		if got, _ := page(wrong); wrong != place && !strings.Contains(got, `"code":"bad_request","message":"This place is not known any more`) {
			t.Errorf("%q is answered with %s", wrong, got)
		}
	}
	s.Stop()
	s.Start()
	eve = s.json(t, "Dan", "")
	if got, _ := page(place); !strings.Contains(got, `"code":"bad_request","message":"This place is not known any more`) {
		t.Errorf("after a restart the place is answered with %s", got)
	}
}

// Guests who come under ever new names share what their address may search.
func TestSearchCostsTheAddress(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--limits.exempt", "", "--rate-limit.address-users", "1", "--rate-limit.messages", "0.01", "--rate-limit.burst", "25")
	for i, want := range []string{`{"type":"found"`, `{"type":"found"`, `"limit":"rate_limit.address_users"`} {
		if got := s.json(t, fmt.Sprint("Guest ", i), "").searchedOnce(`{"type":"search","query":"word"}`); !strings.Contains(got, want) {
			t.Errorf("guest %d is answered with %s", i, got)
		}
	}
}
