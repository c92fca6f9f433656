package load

import (
	"strings"
	"testing"
)

func TestMessageOfAnotherRoomIsTold(t *testing.T) {
	b := &Bench{Result: &Result{}, Options: Options{Dialect: "json"}}
	for range 2 {
		b.members = append(b.members, &Member{
			Index: len(b.members), Sent: 9, b: b, handler: Quiet{}, speak: newSpeaker(b, "json"), order: b.NewOrder(), stage: open,
		})
	}
	b.members[0].message([]byte(said(1, 1)))
	if !b.Result.Verified.OK() {
		t.Fatalf("%+v", b.Result.Verified)
	}
	b.members[1].message([]byte(said(1, 1)))
	if b.Result.Verified.Errors != 1 || b.members[1].view.got != 0 {
		t.Errorf("%+v, %d messages", b.Result.Verified, b.members[1].view.got)
	}
}

func TestRowsShowWhatIsUnknownAsThat(t *testing.T) {
	r := &Result{RowsOf: "rooms"}
	one, ten := Row{Name: "1"}, Row{Name: "10"}
	one.Add("messages", 12345, "1/s")
	ten.Add("messages", 7, "1/s")
	ten.Add("memory", 1.25, "MiB")
	r.Rows = []Row{one, ten}
	var text strings.Builder
	r.writeRows(&text)
	want := "\n  rooms  messages 1/s  memory MiB\n      1        12,345           –\n     10             7       1.250\n"
	if text.String() != want {
		t.Errorf("%s\nwant%s", text.String(), want)
	}
}
