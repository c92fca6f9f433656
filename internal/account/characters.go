package account

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	textStyle          = '\ufe0e' // asks for the sign before it to be drawn as text
	emojiStyle         = '\ufe0f' // asks for the sign before it to be drawn as emoji
	keycap             = '\u20e3'
	blankBraille       = '\u2800' // a pattern without dots, which no category tells from the others
)

var (
	errLine = badName("A name is one line. Leave out the line break.")
	errBidi = badName("The name has an invisible character that changes the direction of writing. " +
		"Leave it out; the direction comes by itself.")
	errInvisible = badName("The name has an invisible character. Leave it out, or type the name instead of pasting it.")
)

// checkRunes refuses code points that no name has, wherever they stand.
func checkRunes(text string) *Error {
	for _, r := range text {
		switch {
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return errLine
		case unicode.IsControl(r):
			return badName("The name has the control character %U. Leave it out.", r)
		case unicode.Is(unicode.Bidi_Control, r):
			return errBidi
		case isJoiner(r): // good or bad by what stands beside it
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point), r == blankBraille:
			return errInvisible
		case unicode.Is(unicode.Co, r):
			return badName("The character %U means something else on every machine. Leave it out.", r)
		}
	}
	return nil
}

// isJoiner reports whether r can't be seen itself but changes what stands beside it. Emoji need them; some Indic scripts and
// Persian need the first two, where the rules for context of RFC 5892, appendix A, allow them.
func isJoiner(r rune) bool {
	return r == zeroWidthJoiner || r == zeroWidthNonJoiner || r == emojiStyle || r == textStyle
}

func dropJoiners(r rune) rune {
	if isJoiner(r) {
		return -1
	}
	return r
}

// standIn takes the place of an emoji while the profile is applied, which leaves it as it is and makes it of nothing else.
const standIn = '\u263a'

// setEmojiAside returns the text with a stand-in for each emoji that has joiners, and these emoji in their order. An emoji that is
// the stand-in itself counts as one of them.
func setEmojiAside(text string) (plain string, aside []string, refused *Error) {
	if !strings.ContainsFunc(text, isJoiner) {
		return text, nil, nil
	}
	var b strings.Builder
	state := -1
	for rest, cluster := text, ""; rest != ""; {
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if strings.ContainsFunc(cluster, isJoiner) {
			if emoji, ok := canonicalEmoji(cluster); ok {
				aside = append(aside, emoji)
				b.WriteRune(standIn)
				continue
			}
			if strings.ContainsRune(cluster, emojiStyle) || strings.ContainsRune(cluster, textStyle) {
				return "", nil, errInvisible
			}
		}
		for range strings.Count(cluster, string(standIn)) {
			aside = append(aside, string(standIn))
		}
		b.WriteString(cluster)
	}
	return b.String(), aside, nil
}

func putEmojiBack(plain string, aside []string) string {
	if len(aside) == 0 {
		return plain
	}
	var b strings.Builder
	for _, r := range plain {
		if r == standIn && len(aside) > 0 {
			b.WriteString(aside[0])
			aside = aside[1:]
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// canonicalEmoji reports whether a cluster is one emoji (Unicode Technical Standard #51, section 1.4.9, without flags, which have
// no joiners) and returns it without those joiners that it doesn't need.
func canonicalEmoji(cluster string) (string, bool) {
	var b strings.Builder
	for i, part := range strings.Split(cluster, string(zeroWidthJoiner)) {
		if i > 0 {
			b.WriteRune(zeroWidthJoiner)
		}
		runes := []rune(strings.ReplaceAll(part, string(textStyle), ""))
		if len(runes) == 0 {
			return "", false
		}
		first, runes := runes[0], runes[1:]
		b.WriteRune(first)
		if len(runes) > 0 && runes[0] == emojiStyle {
			b.WriteRune(emojiStyle)
			runes = runes[1:]
		}
		switch {
		case len(runes) == 1 && runes[0] == keycap && strings.ContainsRune("0123456789#*", first):
			b.WriteRune(keycap)
		case !isPictographic(first):
			return "", false
		case len(runes) == 1 && isSkinTone(runes[0]):
			b.WriteRune(runes[0])
		case len(runes) > 0:
			return "", false
		}
	}
	return b.String(), true
}

// isPictographic reports whether r is Extended_Pictographic. By rule GB11 of Unicode Standard Annex #29 those, and no others, are
// one character with a pictograph that a joiner ties to them.
func isPictographic(r rune) bool {
	return uniseg.GraphemeClusterCount(string([]rune{r, zeroWidthJoiner, standIn})) == 1
}

func isSkinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }
