package wire

import (
	"strings"
	"sync"
)

// language is what has to be known of a language to tell its parts apart at a glance.
type language struct {
	line     []string  // what begins a comment that ends with its line
	block    [2]string // what a comment over several lines stands between
	quotes   string    // what texts stand between
	over     string    // those of them that go over several lines
	triple   bool      // three of them go over several lines
	keywords map[string]bool
	anyCase  bool // of keywords
	calls    bool // a name before a bracket is a function
	key      byte // the sign that makes a key of what stands before it, or 0
	dashes   bool // may be in words
	tags     bool // <name
	byLine   bool // a difference
}

// comment returns where the comment ends that begins at a place, 0 where none does.
func (l *language) comment(code string, at int) int {
	rest := code[at:]
	for _, sign := range l.line {
		if !strings.HasPrefix(rest, sign) || sign == "#" && at > 0 && !strings.ContainsRune(" \t\n;", rune(code[at-1])) {
			continue // $# is none
		}
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return at + end
		}
		return len(code)
	}
	if l.block[0] == "" || !strings.HasPrefix(rest, l.block[0]) {
		return 0
	}
	begin := at + len(l.block[0])
	if end := strings.Index(code[begin:], l.block[1]); end >= 0 {
		return begin + end + len(l.block[1])
	}
	return len(code)
}

// quoted returns how long the text in quotes is that s begins with. One that nobody closes ends with its line.
func (l *language) quoted(s string) int {
	mark := s[:1]
	if thrice := strings.Repeat(mark, 3); l.triple && strings.HasPrefix(s, thrice) {
		if end := strings.Index(s[3:], thrice); end >= 0 {
			return 3 + end + 3
		}
		return len(s)
	}
	over := strings.Contains(l.over, mark)
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == mark[0]:
			return i + 1
		case s[i] == '\n' && !over:
			return i
		case s[i] == '\\' && i+1 < len(s) && s[i+1] != '\n':
			i++
		}
	}
	return len(s)
}

func set(words string) map[string]bool {
	of := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		of[word] = true
	}
	return of
}

// languages are those that we tell the parts of, by each name that people write behind the three signs. They are made when the first
// code is shown, like the others of their kind: most servers start without.
var languages = sync.OnceValue(func() map[string]*language {
	slashes, hash := []string{"//"}, []string{"#"}
	stars := [2]string{"/*", "*/"}
	by := map[string]*language{}
	add := func(names string, l language, keywords string) {
		l.keywords = set(keywords)
		for name := range strings.FieldsSeq(names) {
			by[name] = &l
		}
	}
	add("go golang", language{line: slashes, block: stars, quotes: "\"'`", over: "`", calls: true},
		"break case chan const continue default defer else fallthrough for func go goto if import interface map package range return "+
			"select struct switch type var nil true false any bool byte error float64 int int64 rune string uint64")
	add("js javascript jsx mjs node ts typescript tsx",
		language{line: slashes, block: stars, quotes: "\"'`", over: "`", calls: true},
		"abstract as async await break case catch class const continue declare default delete do else enum export extends false finally "+
			"for from function get if implements import in instanceof interface let new null of private protected public readonly return "+
			"set static super switch this throw true try type typeof undefined var void while with yield any boolean number string unknown")
	add("py python python3", language{line: hash, quotes: "\"'", triple: true, calls: true},
		"and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda "+
			"match None nonlocal not or pass raise return self True try while with yield")
	add("sh bash shell zsh console", language{line: hash, quotes: "\"'", over: "\"'"},
		"case do done elif else esac export fi for function if in local read return select set shift source then unset until while cd echo "+
			"exit sudo")
	add("c h cpp c++ cc hpp", language{line: slashes, block: stars, quotes: "\"'", calls: true},
		"alignas auto bool break case catch char class concept const constexpr continue default delete do double else enum explicit extern "+
			"false float for friend goto if inline int long namespace new noexcept nullptr operator override private protected public "+
			"return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual "+
			"void volatile while NULL size_t include define ifdef ifndef endif")
	add("java", language{line: slashes, block: stars, quotes: "\"'", triple: true, calls: true},
		"abstract assert boolean break byte case catch char class continue default do double else enum extends false final finally float "+
			"for if implements import instanceof int interface long native new null package private protected public record return sealed "+
			"short static super switch synchronized this throw throws true try var void volatile while yield String")
	add("kt kotlin", language{line: slashes, block: stars, quotes: "\"'", triple: true, calls: true},
		"as break by class companion constructor continue data do else enum false for fun get if import in init inline interface internal is "+
			"lateinit null object open override package private protected public return sealed set super suspend this throw true try "+
			"typealias val var when where while")
	add("cs c# csharp", language{line: slashes, block: stars, quotes: "\"'", calls: true},
		"abstract as async await base bool break byte case catch char class const continue decimal default delegate do double else enum event "+
			"false finally fixed float for foreach get if in int interface internal is lock long namespace new null object out override "+
			"params private protected public readonly record ref return sealed set short static string struct switch this throw true try "+
			"typeof using var virtual void while yield")
	add("rs rust", language{line: slashes, block: stars, quotes: "\"", over: "\"", calls: true},
		"as async await box break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref "+
			"return self Self static struct super trait true type unsafe use where while bool char f64 i32 i64 u8 u32 u64 usize str String "+
			"Some None Ok Err")
	add("swift", language{line: slashes, block: stars, quotes: "\"", triple: true, calls: true},
		"as async await break case catch class continue default defer do else enum extension false fileprivate for func guard if import in "+
			"init inout internal is let nil open override private protocol public repeat return self Self static struct subscript super "+
			"switch throw throws true try typealias var where while")
	add("php", language{line: []string{"//", "#"}, block: stars, quotes: "\"'", over: "\"'", calls: true},
		"abstract and array as break case catch class const continue declare default do echo else elseif empty enum extends false final "+
			"finally fn for foreach function global if implements include instanceof interface isset list match namespace new null or print "+
			"private protected public readonly require return static switch this throw trait true try unset use var while yield")
	add("rb ruby", language{line: hash, quotes: "\"'", over: "\"'", calls: true},
		"alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not or redo require rescue "+
			"retry return self super then true undef unless until when while yield puts attr_reader attr_accessor")
	add("lua", language{block: [2]string{"--[[", "]]"}, line: []string{"--"}, quotes: "\"'", calls: true},
		"and break do else elseif end false for function goto if in local nil not or repeat return then true until while")
	add("sql", language{line: []string{"--"}, block: stars, quotes: "'\"", over: "'", anyCase: true, calls: true},
		"add all alter and as asc begin between by case check column commit constraint create cross default delete desc distinct drop else end "+
			"exists foreign from full group having if in index inner insert into is join key left like limit not null offset on or order "+
			"outer primary references returning right rollback select set table then transaction trigger union unique update using values "+
			"view when where with integer text")
	add("json jsonc json5", language{line: slashes, quotes: "\"", key: ':'}, "true false null")
	add("yaml yml", language{line: hash, quotes: "\"'", key: ':', dashes: true}, "true false null yes no on off")
	add("toml ini conf properties env", language{line: []string{"#", ";"}, quotes: "\"'", key: '=', dashes: true}, "true false")
	add("css scss less", language{line: nil, block: stars, quotes: "\"'", key: ':', dashes: true, calls: true}, "important")
	add("html xml svg vue", language{block: [2]string{"<!--", "-->"}, quotes: "\"", over: "\"", key: '=', dashes: true, tags: true}, "")
	add("dockerfile docker", language{line: hash, quotes: "\"'"},
		"ADD ARG AS CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR")
	add("make makefile", language{line: hash, quotes: "\"'", key: ':', dashes: true}, "define else endef endif export ifdef ifeq ifndef ifneq include")
	add("ps1 powershell pwsh", language{line: hash, block: [2]string{"<#", "#>"}, quotes: "\"'", anyCase: true, dashes: true},
		"begin break catch continue do else elseif end exit finally for foreach function if in param process return switch throw trap try "+
			"until while")
	add("diff patch", language{byLine: true}, "")
	return by
})
