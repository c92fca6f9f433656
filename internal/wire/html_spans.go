package wire

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	marks "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"parley/internal/chat"
)

// paragraphs begin with any line: with spaces in front of it, it isn't code.
type paragraphs struct{ parser.BlockParser }

func (paragraphs) CanAcceptIndentedLine() bool { return true }

// emphasis leaves alone a star between two letters or digits: 2*3*4 is a product.
type emphasis struct{ parser.InlineParser }

func (e emphasis) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	if line, _ := block.PeekLine(); len(line) > 1 && line[0] == '*' && isWordByte(line[1]) && before < utf8.RuneSelf && isWordByte(byte(before)) {
		return nil
	}
	return e.InlineParser.Parse(parent, block, pc)
}

// strike reads ~~what is struck out~~. One sign alone is no sign: people write ~5.
type strike struct{}

func (strike) Trigger() []byte { return []byte{'~'} }

func (strike) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	n := parser.ScanDelimiter(line, before, 2, strikes{})
	if n == nil || n.OriginalLength > 2 || before == '~' {
		return nil
	}
	n.Segment = segment.WithStop(segment.Start + n.OriginalLength)
	block.Advance(n.OriginalLength)
	pc.PushDelimiter(n)
	return n
}

type strikes struct{}

func (strikes) IsDelimiter(b byte) bool { return b == '~' }
func (strikes) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (strikes) OnMatch(int) ast.Node { return marks.NewStrikethrough() }

// readingKey is what a reading holds its body by.
var readingKey = parser.NewContextKey()

type readBody struct {
	said     string // what is read
	mentions *chat.Mentions
}

// mentioned reads whom a message means before anything in a name can be taken for a sign.
type mentioned struct{}

func (mentioned) Trigger() []byte { return []byte{'@'} }

func (mentioned) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	of, ok := pc.Get(readingKey).(*readBody)
	if !ok || of.mentions == nil {
		return nil
	}
	line, segment := block.PeekLine()
	n, _ := of.mentions.At(of.said, segment.Start)
	if n == 0 || n > len(line) {
		return nil
	}
	block.Advance(n)
	return ast.NewString(line[:n:n]) // appendRun finds it again
}

// addresses reads web addresses before anything in them can be taken for a sign: they are full of them.
type addresses struct{}

// Trigger names a space, which stands for the beginning of a line too.
func (addresses) Trigger() []byte { return []byte(" *~(") }

func (addresses) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if pc.IsInLinkLabel() {
		return nil
	}
	line, segment := block.PeekLine()
	before, skip := block.PrecendingCharacter(), 0
	if strings.IndexByte(" \t*~(", line[0]) >= 0 {
		before, skip = rune(line[0]), 1
	}
	said := string(line[skip:min(len(line), skip+len("https://"))])
	colon := strings.Index(said, "://")
	if colon < 0 || schemeBefore(said[:colon]) != 0 || before < utf8.RuneSelf && isWordByte(byte(before)) {
		return nil
	}
	host := colon + len("://")
	rest := strings.TrimRight(string(line[skip+host:]), "\n")
	length := addressLength(rest)
	if before == '~' { // which close what they opened
		length = len(strings.TrimRight(rest[:length], "~"))
	}
	if length == 0 {
		return nil
	}
	if skip > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+skip))
	}
	block.Advance(skip + host + length)
	begin := segment.Start + skip
	return ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(begin, begin+host+length)))
}
