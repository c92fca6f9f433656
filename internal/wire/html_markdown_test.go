package wire

import (
	"fmt"
	"strings"
	"testing"

	"parley/internal/chat"
)

func titled(url, text string) string {
	return `<a href="` + url + `" title="` + url + `" rel="noopener noreferrer nofollow" target="_blank">` + text + `</a>`
}

func TestMarkdownIsReadAsPeopleWriteItInChats(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"*a* _b_ **c** __d__ ~~e~~ `f`", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <del>e</del> <code>f</code></p>"},
		{"***a*** **b _c_**", "<p><em><strong>a</strong></em> <strong>b <em>c</em></strong></p>"},
		{"one *two*\nthree\n\nfour", "<p>one <em>two</em><br>three</p><p>four</p>"},
		{"> a\n> *b*\nc", "<blockquote><p>a<br><em>b</em></p></blockquote><p>c</p>"},
		{"> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"},
		{"- a\n- b\nrest", "<ul><li>a</li><li>b</li></ul><p>rest</p>"},
		{"* a\n  b\n  - c", "<ul><li>a<br>b<ul><li>c</li></ul></li></ul>"},
		{"3. a\n4. b", `<ol start="3"><li>a</li><li>b</li></ol>`},
		{"- a\n> b\n1. c", "<ul><li>a</li></ul><blockquote><p>b</p></blockquote><ol><li>c</li></ol>"},
		{"# Big\n###### small", "<p><strong>Big</strong></p><p><strong>small</strong></p>"},
		{"**粗体** 和 *斜体*", "<p><strong>粗体</strong> 和 <em>斜体</em></p>"},
		{"/me *waves*", `<p class="me"><bdi>A&lt;da</bdi> <em>waves</em></p>`},
		{"*https://a.b/_c_*d*", "<p><em>" + link("https://a.b/_c_*d") + "</em></p>"},
		{"https://a.b/*c*_d_ *e*", "<p>" + link("https://a.b/*c*_d_") + " <em>e</em></p>"},
		{"`https://a.b`", "<p><code>https://a.b</code></p>"},
		{`\*a\* \_b\_ *c*`, "<p>*a* _b_ <em>c</em></p>"},
		{"**a** <b>c</b> &lt; <!-- d -->", "<p><strong>a</strong> &lt;b&gt;c&lt;/b&gt; &amp;lt; &lt;!-- d --&gt;</p>"},
	} {
		if got := HTML(Body{Name: "A<da", Text: c.text}); got != c.want {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestMentionsAreMarkedInMarkdown(t *testing.T) {
	meant := &chat.Mentions{Here: true, Users: []chat.Mention{{User: "u_ada", Name: "Ada_L_"}, {User: "u_x", Name: "*x*"}, {User: "u_z", Name: "zoë"}}}
	of := func(user, name string) string {
		return `<span class="mention" data-user="` + user + `">@` + name + `</span>`
	}
	for _, c := range []struct{ text, want string }{
		{"*@Ada_L_* **@zoë**", "<em>" + of("u_ada", "Ada_L_") + "</em> <strong>" + of("u_z", "zoë") + "</strong>"},
		{"_a_ @*x* *b*", "<em>a</em> " + of("u_x", "*x*") + " <em>b</em>"},
		{"`@zoë` *@here*", `<code>@zoë</code> <em><span class="mention here">@here</span></em>`},
		{"[@zoë](https://a.b)", titled("https://a.b", "@zoë")},
	} {
		if got := HTML(Body{Text: c.text, Mentions: meant}); got != "<p>"+c.want+"</p>" {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestWhatOnlyLooksLikeMarkdownStaysText(t *testing.T) {
	for _, text := range []string{
		"2*3*4", "snake_case_name", "~5 or ~6", ">_< >:(", ">_<", `¯\_(ツ)_/¯`, "a * and *", "***", "2026. That was it", "+ 1", "#lobby", "a ](b", "```",
		"a\n---\nb", "| a | b |\n|---|---|", "[a]: b", "`", "**", "__", "- ", "1.5 * 2 * 3", "*a", "_http", "[a][b]", "[a](b c)",
	} {
		want := "<p>" + string(appendMarkup(nil, text)) + "</p>"
		if got := HTML(Body{Text: text}); got != want {
			t.Errorf("HTML(%q) is %s", text, got)
		}
	}
}

func TestLinksOfMarkdownLeadToTheWebOrToMailOnly(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[a](https://a.b/?c=d&e)", titled("https://a.b/?c=d&amp;e", "a")},
		{"[*a*](http://a.b)", titled("http://a.b", "<em>a</em>")},
		{"[](https://a.b)", titled("https://a.b", "https://a.b")},
		{"[a](mailto:c@d.e)", titled("mailto:c@d.e", "a")},
		{"[https://bank.example](https://evil.example)", titled("https://evil.example", "https://bank.example")},
		{"![a](https://a.b/c.png)", titled("https://a.b/c.png", "a")},
		{"[![a](https://a.b/c.png)](https://d.e)", titled("https://d.e", "a")},
		{"[a](javascript:b)", "[a](javascript:b)"},
		{"[a](JaVaScRiPt:b)", "[a](JaVaScRiPt:b)"},
		{"[a](data:text/html,b)", "[a](data:text/html,b)"},
		{"[a](/leave)", "[a](/leave)"},
		{"[a](//b.c)", "[a](//b.c)"},
		{"[a](https:b)", "[a](https:b)"},
		{`[a](https://a.b\\@c.d)`, "[a](" + link("https://a.b") + `\\@c.d)`},
		{"[a](<https://a.b/ c>)", "[a](" + link("https://a.b/") + " c)"},
		{`[a](https://a.b/"onclick="c)`, "[a](" + link("https://a.b/") + "&#34;onclick=&#34;c)"},
	} {
		if got, want := HTML(Body{Text: c.text}), "<p>"+c.want+"</p>"; got != want {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, got, want)
		}
	}
}

func TestCodeIsShownAsItIsWithThePartsOfItsLanguage(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"```\n*a*  <b>\n\n  c\n```", "<pre>*a*  &lt;b&gt;\n\n  c</pre>"},
		{"```go\nx := f(\"a\\\"b\") // c\n```", "<pre>x := {f|f}({s|&#34;a\\&#34;b&#34;}) {c|// c}</pre>"},
		{"```PY\nif x: # y\n  return \"\"\"z\n\"\"\"```", "<pre>{k|if} x: {c|# y}\n  {k|return} {s|&#34;&#34;&#34;z\n&#34;&#34;&#34;}</pre>"},
		{"```json\n{\"a\": 1.5}\n```", "<pre>{{a|&#34;a&#34;}: {n|1.5}}</pre>"},
		{"```html\n<a href=\"b\">it's</a>\n```", "<pre>{k|&lt;a} {a|href}={s|&#34;b&#34;}&gt;it&#39;s{k|&lt;/a}&gt;</pre>"},
		{"```diff\n+a\n-b\n c\n```", "<pre>{i|+a}\n{d|-b}\n c</pre>"},
		{"```sql\nSELECT 'it' -- all\n```", "<pre>{k|SELECT} {s|&#39;it&#39;} {c|-- all}</pre>"},
		{"```c\n/* open", "<pre>{c|/* open}</pre>"},
		{"```brainfuck\n+-\n```", "<pre>+-</pre>"},
		{"look: ```js\nlet a``` *so*", "<p>look:</p><pre>{k|let} a</pre><p><em>so</em></p>"},
		{"````\n```\n````", "<pre>```</pre>"},
		{"> ```\n> a\n> ```\nb", "<blockquote><pre>a</pre></blockquote><p>b</p>"},
		{"- a\n  ```\n  b\n  ```\n- c", "<ul><li>a<pre>b</pre></li><li>c</li></ul>"},
	} {
		// A table in which each class is {letter|code} can be read.
		want := strings.NewReplacer("<pre>", `<pre tabindex="0"><code>`, "</pre>", `</code></pre>`).Replace(c.want)
		for _, letter := range "cskfnaid" {
			want = strings.ReplaceAll(want, fmt.Sprintf("{%c|", letter), fmt.Sprintf(`<span class="hl-%c">`, letter))
		}
		got := HTML(Body{Text: c.text})
		if plain := strings.ReplaceAll(got, "</span>", "}"); plain != want {
			t.Errorf("HTML(%q)\n got %s\nwant %s", c.text, plain, want)
		}
	}
}

// hostile are pieces that, said over and over, have made readers of Markdown slow or their pages deep.
var hostile = []string{
	"[", "]", "[]", "[](", "[a](b", "![", "[](<", "*", "**", "*a ", "*a*", "a**b", "_", "_a ", "~~", "~~a ", "`", "``", "` ", "a``", ">", "> ",
	">\n", "- ", "-\n", "- a\n", "* ", "1. ", "> - ", ">- ", `\`, "#", "```\n", "~~~\n", "\n", "a\n", " ", "\t", "- \n\n", "  - ", "*a_ ", "*_",
	"*[", "`[", "[`", "[a](https://b) ", "[](((", "<a", "&amp;", "*[`_", "a*b", "(", "http://", "http://a*", "*http://a_", "王*", "\"", "'", "/*",
	"```go\n\"\\", "```py\n'''", "```c\n/*", "> ```\n", "*a **b ", "**a *b ", "[[a](b)](", "]: ",
}

// hostileText says a piece over and over, up to the longest message.
func hostileText(piece string) string { return strings.Repeat(piece, 4000/len(piece)+1)[:4000] }

// TestNoTextCostsMuchToRender counts what is allocated, which grows with the work that is done, and what comes out.
func TestNoTextCostsMuchToRender(t *testing.T) {
	for _, piece := range hostile {
		text := hostileText(piece)
		body := HTML(Body{Text: text})
		if depth := strings.Count(body, "<blockquote><blockquote>") + strings.Count(body, "<li><ul>"); depth > markdownDepth {
			t.Errorf("%q over and over is %d deep", piece, depth)
		}
		if len(body) > 40*len(text) {
			t.Errorf("%q over and over makes %d bytes of %d", piece, len(body), len(text))
		}
		if n := testing.AllocsPerRun(1, func() { HTML(Body{Text: text}) }); n > 25*4000 {
			t.Errorf("%q over and over: %v allocations", piece, n)
		}
	}
	var steps, ticks strings.Builder
	for i := range 90 {
		steps.WriteString(strings.Repeat("  ", i) + "- a\n")
		ticks.WriteString("a" + strings.Repeat("`", i))
	}
	for _, text := range []string{steps.String(), ticks.String(), strings.Repeat("**a ", 600) + strings.Repeat("b** ", 400)} {
		if body := HTML(Body{Text: text}); strings.Contains(body, "<ul>") || strings.Count(body, "<strong>") > 600 {
			t.Errorf("%.60q is %.200q", text, body)
		}
	}
	for text, want := range map[string]int{strings.Repeat("> ", markdownOpens) + "*a*": 1, strings.Repeat("> ", markdownOpens+1) + "*a*": 0} {
		if body := HTML(Body{Text: text}); strings.Count(body, "<em>") != want {
			t.Errorf("%q is %s", text, body)
		}
	}
	long := strings.Repeat("*a* ", markdownBytes/4+1)
	if body := HTML(Body{Text: long}); strings.Contains(body, "<em>") {
		t.Error("a text beyond the bound was read as Markdown")
	}
}

func TestTextWithoutSignsNeverComesNearTheParser(t *testing.T) {
	for text, want := range map[string]bool{
		"Has anyone seen https://example.com/news_of_2026? It's \"new\".": false, "a - b, 3 > 2, #lobby, 2 * 3, x_y": false,
		"¯\\": false, "one\ntwo\n\nthree": false, "*a*": true, "x\n> y": true, "- y": true, "x\n1. y": true, "`a`": true, "~~a~~": true,
	} {
		if hasSigns(text) != want {
			t.Errorf("hasSigns(%q) is %t", text, !want)
		}
	}
}

func BenchmarkMarkdown(b *testing.B) {
	for name, text := range map[string]string{
		"words":   "Has *anyone* seen **it**? See [the news](https://example.com/news) or `run it`.",
		"code":    "```go\n" + strings.Repeat("func main() { fmt.Println(\"hello\", 42) } // says hello\n", 70) + "```",
		"quotes":  hostileText("> - "),
		"links":   hostileText("[](<"),
		"stars":   hostileText("*a **b "),
		"bracket": hostileText("["),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				HTML(Body{Text: text})
			}
		})
	}
}
