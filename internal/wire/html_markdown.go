package wire

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/yuin/goldmark/ast"
	marks "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// chatMarkdown reads Markdown as people write it in chats: what is not named here stays text. There are no tables, rules, references, code
// by indentation and no markup. Blocks and spans that are read here are written by markdown.
var chatMarkdown = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(paragraphs{parser.NewParagraphParser()}, 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(emphasis{parser.NewEmphasisParser()}, 500),
			util.Prioritized(strike{}, 500),
			util.Prioritized(mentioned{}, 500),
			util.Prioritized(addresses{}, 999),
		),
	)
})

// appendMarkdown appends the markup of a text with signs in it. It returns false, and dst may be anything then, where the text is
// beyond the bounds or nothing of it would be seen.
func appendMarkdown(dst []byte, b Body) ([]byte, bool) {
	said, acts := strings.CutPrefix(b.Text, actSign)
	if len(said) > markdownBytes || strings.Count(said, "](") > markdownLinks {
		return dst, false
	}
	said, ok := inChat(visible(said))
	if !ok {
		return dst, false
	}
	source := []byte(said)
	reading := parser.NewContext()
	reading.Set(readingKey, &readBody{said, b.Mentions})
	root := chatMarkdown().Parse(text.NewReader(source), parser.WithContext(reading))
	if acts && (root.FirstChild() == nil || root.FirstChild().Kind() != ast.KindParagraph) {
		return dst, false
	}
	m := markdown{body: &b, source: source, acts: acts}
	m.blocks(root)
	if m.tooDeep || !m.seen {
		return dst, false
	}
	return append(dst, policy().SanitizeBytes(m.out)...), true
}

// visible replaces what bodies don't show.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r <= 0x9F {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, replacement))
}

// markdown writes what was read as markup. It writes elements of its own and escaped text, and nothing that comes out of the text as
// it is; the policy behind it is a second wall, not the first.
type markdown struct {
	out    []byte
	body   *Body
	source []byte

	acts    bool // the next paragraph begins with the sender's name
	inLink  bool // where no other link may be
	depth   int
	seen    bool // there is something to see
	tooDeep bool
}

func (m *markdown) open(tag string)  { m.out = append(append(append(m.out, '<'), tag...), '>') }
func (m *markdown) close(tag string) { m.out = append(append(append(m.out, '<', '/'), tag...), '>') }

// within writes an element with what is in it.
func (m *markdown) within(tag string, write func(ast.Node), n ast.Node) {
	m.open(tag)
	write(n)
	m.close(tag)
}

// deeper reports whether there may be elements in this one, and counts them.
func (m *markdown) deeper() bool {
	m.depth++
	if m.depth > markdownDepth {
		m.tooDeep = true
	}
	return !m.tooDeep
}

func (m *markdown) blocks(parent ast.Node) {
	if m.deeper() {
		for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
			m.block(n)
		}
	}
	m.depth--
}

func (m *markdown) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		if m.acts {
			m.acts = false
			m.out = appendActor(m.out, m.body.Name)
			m.spans(n)
			m.close("p")
			return
		}
		m.within("p", m.spans, n)
	case *ast.TextBlock: // of a list without blank lines
		m.spans(n)
	case *ast.Heading: // no larger than what stands around it
		m.open("p")
		m.within("strong", m.spans, n)
		m.close("p")
	case *ast.Blockquote:
		m.within("blockquote", m.blocks, n)
	case *ast.List:
		m.list(n)
	case *ast.ListItem:
		m.within("li", m.blocks, n)
	case *ast.FencedCodeBlock:
		m.code(n)
	}
}

func (m *markdown) list(n *ast.List) {
	if !n.IsOrdered() {
		m.within("ul", m.blocks, n)
		return
	}
	m.out = append(m.out, "<ol"...)
	if n.Start != 1 {
		m.out = append(strconv.AppendInt(append(m.out, ` start="`...), int64(n.Start), 10), '"')
	}
	m.out = append(m.out, '>')
	m.blocks(n)
	m.close("ol")
}

// code writes a block of code. It scrolls in itself, which the keyboard can only do where it can go there.
func (m *markdown) code(n *ast.FencedCodeBlock) {
	var code strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code.Write(line.Value(m.source))
	}
	said := strings.TrimSuffix(code.String(), "\n")
	if strings.TrimSpace(said) == "" {
		return
	}
	m.seen = true
	m.out = append(m.out, `<pre tabindex="0"><code>`...)
	m.out = appendCode(m.out, string(n.Language(m.source)), said)
	m.out = append(m.out, `</code></pre>`...)
}

func (m *markdown) spans(parent ast.Node) {
	if m.deeper() {
		for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
			if t, ok := n.(*ast.Text); ok {
				n = m.text(t)
			} else {
				m.span(n)
			}
		}
	}
	m.depth--
}

func (m *markdown) span(n ast.Node) {
	switch n := n.(type) {
	case *ast.String:
		m.run(n.Value)
	case *ast.Emphasis:
		if n.Level == 1 {
			m.within("em", m.spans, n)
		} else {
			m.within("strong", m.spans, n)
		}
	case *marks.Strikethrough:
		m.within("del", m.spans, n)
	case *ast.CodeSpan:
		m.within("code", m.verbatim, n)
	case *ast.Link:
		m.link(n, string(n.Destination))
	case *ast.Image: // shown as a link: nothing is fetched because somebody said so
		m.link(n, string(n.Destination))
	case *ast.AutoLink:
		m.seen = true
		m.out = appendLink(m.out, string(n.Label(m.source)))
	}
}

// text writes plain text, whose signs count for nothing where a backslash stands before them, and returns the last node of it. What was
// tried as a sign and is none has split it.
func (m *markdown) text(n *ast.Text) ast.Node {
	said := bytes.Clone(n.Segment.Value(m.source))
	for !n.HardLineBreak() && !n.SoftLineBreak() {
		next, ok := n.NextSibling().(*ast.Text)
		if !ok {
			break
		}
		said = append(said, next.Segment.Value(m.source)...)
		n = next
	}
	m.run(unescaped(said))
	if n.HardLineBreak() && n.Segment.Stop < len(m.source) && m.source[n.Segment.Stop] == '\\' {
		m.out = append(m.out, '\\') // at the end of a line it means nothing here
	}
	if n.HardLineBreak() || n.SoftLineBreak() {
		m.out = append(m.out, "<br>"...)
	}
	return n
}

func (m *markdown) run(said []byte) {
	m.seen = m.seen || len(bytes.TrimSpace(said)) > 0
	if m.inLink {
		m.out = appendMarkup(m.out, string(said))
		return
	}
	m.out = appendRun(m.out, m.body, string(said))
}

// verbatim writes the text of a span of code; a line's end in it is a space.
func (m *markdown) verbatim(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*ast.Text); ok {
			said := bytes.ReplaceAll(t.Segment.Value(m.source), []byte{'\n'}, []byte{' '})
			m.seen = m.seen || len(bytes.TrimSpace(said)) > 0
			m.out = appendMarkup(m.out, string(said))
		}
	}
}

// link writes a link with a text of its own, which says where it leads when one points at it. One that may not be is shown as it was
// written.
func (m *markdown) link(n ast.Node, address string) {
	switch {
	case m.inLink: // an image in a link: its text is part of the link's
		m.spans(n)
		return
	case !mayLink(address):
		m.run([]byte("["))
		m.spans(n)
		m.run([]byte("](" + address + ")"))
		return
	}
	m.inLink, m.seen = true, true
	m.out = append(appendMarkup(append(m.out, `<a href="`...), address), `" title="`...)
	m.out = append(appendMarkup(m.out, address), linkRest...)
	if n.HasChildren() {
		m.spans(n)
	} else {
		m.out = appendMarkup(m.out, address)
	}
	m.close("a")
	m.inLink = false
}

// mayLink reports whether a link may lead to an address: to the web or to mail, and nowhere within this chat, where it could act for
// whoever follows it.
func mayLink(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool {
		return strings.ContainsRune(`\\"<>`, r) || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Hostname() != ""
	case "mailto":
		return strings.Contains(u.Opaque, "@")
	}
	return false
}

// unescaped takes out each backslash before a sign. The arm of ¯\_(ツ)_/¯ stays on.
func unescaped(said []byte) []byte {
	if bytes.IndexByte(said, '\\') < 0 {
		return said
	}
	out := make([]byte, 0, len(said))
	for i := 0; i < len(said); i++ {
		if said[i] == '\\' && i+1 < len(said) && util.IsPunct(said[i+1]) && !bytes.HasSuffix(out, []byte("¯")) {
			i++
		}
		out = append(out, said[i])
	}
	return out
}
