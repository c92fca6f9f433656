package account

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/secure/precis"
)

// What bounds a name. A character here is what people see as one: a grapheme cluster (Unicode Standard Annex #29).
const (
	nameLength = 32   // characters
	nameBytes  = 1024 // bytes before anything else is looked at: 32 characters of the longest emoji that people use need less
	// A character with all that is stacked onto it. Hebrew and Tibetan need up to 5 marks, emoji up to 10 code points.
	characterMarks = 8
	characterRunes = 16
)

// reservedNames, by their keys, speak for the chat itself or for everybody in it.
var reservedNames = []string{"system", "parley", "everyone", "here", "server"}

// reservedStarts begin what is no name elsewhere: a private room or a mention, a room, a command of the terminal, and a line that
// the chat itself says in the text dialect.
const reservedStarts = "@#/*"

// Name is a name that somebody may have.
type Name struct{ text, key string }

// String returns the name as it is shown.
func (n Name) String() string { return n.text }

// Key returns what two spellings of the same name have in common: without difference of case, width or compatibility form
// (RFC 8266, section 2.3), nor of what can't be seen.
func (n Name) Key() string { return n.key }

// CheckName returns the name that a text says, in the form in which it is shown: by the Nickname profile of RFC 8266, 1 to 32
// characters. An error is an *Error with CodeBadName. Checking what it returns once more returns the same.
func CheckName(text string) (Name, error) {
	text, refused := cleanName(text)
	if refused != nil {
		return Name{}, refused
	}
	// RFC 8266, section 2.1: the rules are applied until nothing changes any more.
	if again, refused := cleanName(text); refused != nil || again != text {
		return Name{}, badName("This name can be written in several ways. Use plainer characters.")
	}
	key, err := precis.Nickname.CompareKey(strings.Map(dropJoiners, text))
	if err != nil {
		return Name{}, badName("This name has characters that don't go together. Use plainer ones.")
	}
	if slices.Contains(reservedNames, key) {
		return Name{}, badName("The name %s is kept for the chat itself. Choose another.", text)
	}
	return Name{text: text, key: key}, nil
}

// cleanName applies every rule but the one of reserved names.
func cleanName(text string) (string, *Error) {
	switch {
	case len(text) > nameBytes:
		return "", errTooLong
	case !utf8.ValidString(text):
		return "", badName("The name is not valid UTF-8. Type it again.")
	}
	if refused := checkRunes(text); refused != nil {
		return "", refused
	}
	if _, refused := characters(text); refused != nil { // before normalizing, which breaks up stacks of marks
		return "", refused
	}
	// The profile knows nothing of emoji of several code points. Each stands aside as one sign while the profile is applied.
	plain, aside, refused := setEmojiAside(text)
	if refused != nil {
		return "", refused
	}
	plain, refused = applyProfile(plain)
	if refused != nil {
		return "", refused
	}
	text = putEmojiBack(plain, aside)
	if refused := checkParts(text); refused != nil {
		return "", refused
	}
	switch count, refused := characters(text); {
	case refused != nil:
		return "", refused
	case count > nameLength:
		return "", errTooLong
	}
	return text, nil
}

var errTooLong = badName("The name is longer than %d characters. Use a shorter one.", nameLength)

// applyProfile enforces the Nickname profile: spaces trimmed and made one, compatibility forms made plain (NFKC).
func applyProfile(text string) (string, *Error) {
	if strings.TrimFunc(text, unicode.IsSpace) == "" {
		return "", badName("The name is empty. Enter 1 to %d characters.", nameLength)
	}
	enforced, err := precis.Nickname.String(text)
	if err == nil {
		return enforced, nil
	}
	allowed := precis.Nickname.Allowed()
	for _, r := range text {
		switch {
		case isJoiner(r):
			return "", errInvisible
		case !allowed.Contains(r) && !unicode.In(r, unicode.Zs, contextual):
			return "", badName("The character %U can't be in a name. Leave it out.", r)
		}
	}
	return "", badName("The name has a character that doesn't go with the ones beside it. Leave it out.")
}

// contextual are the characters, besides joiners, that a name may have beside certain others alone (RFC 5892, appendix A).
var contextual = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x00b7, Hi: 0x00b7, Stride: 1},
	{Lo: 0x0375, Hi: 0x0375, Stride: 1},
	{Lo: 0x05f3, Hi: 0x05f4, Stride: 1},
	{Lo: 0x0660, Hi: 0x0669, Stride: 1},
	{Lo: 0x06f0, Hi: 0x06f9, Stride: 1},
	{Lo: 0x30fb, Hi: 0x30fb, Stride: 1},
}, LatinOffset: 1}

// checkParts looks for what a name must not have for the sake of those who read it: what divides it from the rest of a line, what
// makes it something else, and what looks like somebody else's name.
func checkParts(text string) *Error {
	switch {
	case strings.Contains(text, "|"):
		return badName("A name can't have | in it, which divides names from messages. Leave it out.")
	case strings.Contains(text, ": "), strings.HasSuffix(text, ":"):
		return badName("A name can't have : before a space or at its end, where it divides names from messages. Leave it out.")
	case strings.ContainsRune(reservedStarts, rune(text[0])):
		return badName("A name can't begin with %c, which means something else here. Leave it out.", text[0])
	case mixesScripts(text):
		return badName("A word of the name mixes Latin letters with Cyrillic or Greek ones that look alike. " +
			"Use one alphabet for each word.")
	}
	return nil
}

// characters counts what people see as one character, and refuses one that isn't.
func characters(text string) (int, *Error) {
	count, state := 0, -1
	for rest, cluster := text, ""; rest != ""; count++ {
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		marks, runes := 0, 0
		for i, r := range cluster {
			runes++
			if !unicode.Is(unicode.M, r) {
				continue
			}
			if marks++; i == 0 || cluster[0] == ' ' {
				return 0, badName("The name has an accent without a letter under it. Leave it out.")
			}
		}
		if marks > characterMarks || runes > characterRunes {
			return 0, badName("The name has a character with too many marks on it. Use at most %d.", characterMarks)
		}
	}
	return count, nil
}

// mixesScripts reports whether a word has letters of Latin and of Cyrillic or Greek, which have letters that look the same. A word
// that is all of one of them is left alone: names in those alphabets are as good as any.
func mixesScripts(text string) bool {
	latin, like := false, false
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r):
			latin, like = false, false
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek):
			like = true
		}
		if latin && like {
			return true
		}
	}
	return false
}
