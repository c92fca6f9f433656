package wire

import (
	"strings"
	"testing"
)

func link(url string) string {
	return `<a href="` + url + `" rel="noopener noreferrer nofollow" target="_blank">` + url + `</a>`
}

func TestBodyIsTextAndNothingElse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"hi", "<p>hi</p>"},
		{"one\ntwo\n\nthree", "<p>one<br>two<br><br>three</p>"},
		{"a\tb", "<p>a\tb</p>"},
		{`<script>alert("x" & 'y')</script>`, "<p>&lt;script&gt;alert(&#34;x&#34; &amp; &#39;y&#39;)&lt;/script&gt;</p>"},
		{"&lt;", "<p>&amp;lt;</p>"},
		{"שלום 王小明 👩‍👩‍👧", "<p>שלום 王小明 👩‍👩‍👧</p>"},
		{"\x00\x1b[31m\u0085", "<p>\uFFFD\uFFFD[31m\uFFFD</p>"},
		{"a\xffb\xc3", "<p>a\uFFFDb\uFFFD</p>"},
		{"/me waves", `<p class="me"><bdi>A&lt;da</bdi> waves</p>`},
		{"/me sees https://a.b", `<p class="me"><bdi>A&lt;da</bdi> sees ` + link("https://a.b") + `</p>`},
		{"/me", "<p>/me</p>"},
		{"/mean", "<p>/mean</p>"},
		{" /me waves", "<p> /me waves</p>"},
	} {
		if got := HTML(Body{Name: "A<da", Text: c.text}); got != c.want {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestWebAddressesBecomeLinks(t *testing.T) {
	for _, c := range []struct{ text, before, url, after string }{
		{text: "https://example.com", url: "https://example.com"},
		{text: "HTTP://Example.com/A", url: "HTTP://Example.com/A"},
		{text: "see http://a.b/c?d=e#f.", before: "see ", url: "http://a.b/c?d=e#f", after: "."},
		{text: "https://a.b?!…", url: "https://a.b", after: "?!…"},
		{text: "(https://a.b)", before: "(", url: "https://a.b", after: ")"},
		{text: "https://a.b/Go_(language)", url: "https://a.b/Go_(language)"},
		{text: "(https://a.b/Go_(language)).", before: "(", url: "https://a.b/Go_(language)", after: ")."},
		{text: "[https://a.b]: x", before: "[", url: "https://a.b", after: "]: x"},
		{text: "*https://a.b*", before: "<em>", url: "https://a.b", after: "</em>"},
		{text: "*https://a.b", before: "*", url: "https://a.b"},
		{text: "http://[::1]:3000/", url: "http://[::1]:3000/"},
		{text: "http://192.168.1.2:3000", url: "http://192.168.1.2:3000"},
		{text: "看https://例子.测试/路径。好", before: "看", url: "https://例子.测试/路径", after: "。好"},
		{text: "「https://a.b」", before: "「", url: "https://a.b", after: "」"},
		{text: "“https://a.b”", before: "“", url: "https://a.b", after: "”"},
		{text: "a\nhttps://a.b\nb", before: "a<br>", url: "https://a.b", after: "<br>b"},
		{text: "https://a.b\u202Egpj.exe", url: "https://a.b", after: "\u202Egpj.exe"},
		{text: `https://a.b\@evil.example`, url: "https://a.b", after: `\@evil.example`},
		{text: "https://a.b\xff", url: "https://a.b", after: "\uFFFD"},
		{text: "x://y http://a.b", before: "x://y ", url: "http://a.b"},
	} {
		if got, want := HTML(Body{Text: c.text}), "<p>"+c.before+link(c.url)+c.after+"</p>"; got != want {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, got, want)
		}
	}
	if got := HTML(Body{Text: `https://a.b/?x=1&y="><b>`}); got != "<p>"+link("https://a.b/?x=1&amp;y=")+"&#34;&gt;&lt;b&gt;</p>" {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsNoWebAddressStaysText(t *testing.T) {
	for _, text := range []string{
		"javascript://alert(1)", "xhttps://a.b", "1http://a.b", "http://", "http:// a", "http://.", "https://-", "http:/a.b", "://a.b",
		"example.com", "file:///etc/passwd", "http\u017F://a.b", "_http://a.b",
	} {
		if got := HTML(Body{Text: text}); strings.Contains(got, "<a ") {
			t.Errorf("HTML(%q) is %s", text, got)
		}
	}
}
