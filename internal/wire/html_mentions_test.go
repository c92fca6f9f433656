package wire

import (
	"testing"

	"parley/internal/chat"
)

func TestMentionsAreMarkedAndNothingElseIs(t *testing.T) {
	meant := &chat.Mentions{Here: true, Users: []chat.Mention{
		{User: "u_mary", Name: "Mary"}, {User: "u_ann", Name: "Mary Ann"}, {User: "u_wang", Name: "王小明"}, {User: "u_x", Name: "<b>&"},
	}}
	of := func(user, name string) string {
		return `<span class="mention" data-user="` + user + `">@` + name + `</span>`
	}
	here := func(word string) string { return `<span class="mention here">@` + word + `</span>` }
	for _, c := range []struct{ text, want string }{
		{"@Mary Ann and @Mary", of("u_ann", "Mary Ann") + " and " + of("u_mary", "Mary")},
		{"你好@王小明你好", "你好" + of("u_wang", "王小明") + "你好"},
		{"@here, @HERE!", here("here") + ", " + here("HERE") + "!"},
		{"@Maryland mary@Mary.org @mary @hereafter", "@Maryland mary@Mary.org @mary @hereafter"},
		{"@<b>& <b>", of("u_x", "&lt;b&gt;&amp;") + " &lt;b&gt;"},
		{"@Mary\n@@Mary", of("u_mary", "Mary") + "<br>@@Mary"},
		{"/me hugs @Mary", ``},
		{"https://a.b/@Mary @Mary", link("https://a.b/@Mary") + " " + of("u_mary", "Mary")},
	} {
		want := "<p>" + c.want + "</p>"
		if c.want == "" {
			want = `<p class="me"><bdi>Ada</bdi> hugs ` + of("u_mary", "Mary") + `</p>`
		}
		if got := HTML(Body{Name: "Ada", Text: c.text, Mentions: meant}); got != want {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, got, want)
		}
	}
	if got, want := HTML(Body{Text: "@Mary @here"}), "<p>@Mary @here</p>"; got != want {
		t.Errorf("where nobody is meant: %s, want %s", got, want)
	}
}
