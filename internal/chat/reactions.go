package chat

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// reactionsMost is how many different emoji may stand under a message: everyone who comes in is told all of them.
const reactionsMost = 20

func isOneTooMany(under []Reaction, emoji string) bool {
	return len(under) >= reactionsMost && !slices.ContainsFunc(under, func(r Reaction) bool { return r.Emoji == emoji })
}

// What emoji are put together with (Unicode Technical Standard #51, section 1.4).
const (
	zeroWidthJoiner = 0x200D
	textStyle       = 0xFE0E
	emojiStyle      = 0xFE0F
	enclosingKeycap = 0x20E3
)

// isEmoji reports whether s has the form of one emoji: a picture, a keycap, a flag, or pictures that are joined into one, with the
// signs that change its colour or style. It asks for the form alone, so that the emoji of later years are emoji here too.
func isEmoji(s string) bool {
	joined, any := true, false // joined: the next picture belongs to this emoji
	flag := 0
	for i, r := range s {
		switch {
		case r == zeroWidthJoiner && any && !joined:
			joined = true
		case (r == textStyle || r == emojiStyle || r == enclosingKeycap || isSkinTone(r) || isTag(r)) && any && !joined:
		case isFlagLetter(r) && (i == 0 || flag == 1):
			joined, any = false, true
			flag++
		case isKeycapBase(r) && i == 0 && (s[1:] == "\u20E3" || s[1:] == "\uFE0F\u20E3"):
			joined, any = false, true
		case isPicture(r) && joined && flag == 0:
			joined, any = false, true
		default:
			return false
		}
	}
	return any && !joined && flag != 1
}

// isPicture reports whether r can be an emoji by itself: a symbol beyond those of ASCII, one of three that Unicode counts as
// punctuation, or one of the blocks in which the coming years' are kept free.
func isPicture(r rune) bool {
	switch {
	case r == utf8.RuneError, isFlagLetter(r):
		return false
	case r == 0x203C, r == 0x2049, r == 0x3030, r >= 0x1F000 && r <= 0x1FAFF:
		return true
	}
	return r >= utf8.RuneSelf && unicode.IsSymbol(r)
}

func isSkinTone(r rune) bool   { return r >= 0x1F3FB && r <= 0x1F3FF }
func isFlagLetter(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
func isTag(r rune) bool        { return r >= 0xE0020 && r <= 0xE007F }
func isKeycapBase(r rune) bool { return r >= '0' && r <= '9' || r == '#' || r == '*' }
