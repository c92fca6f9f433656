package chat

import (
	"fmt"
	"strings"
	"testing"
)

func TestReactionIsOneEmojiAndNothingElse(t *testing.T) {
	for _, one := range []string{
		"👍", "👍🏽", "❤", "❤️", "🎉", "‼️", "⁉", "〰️", "©️", "™", "↔️", "◾", "1️⃣", "#⃣", "*️⃣", "🇩🇪", "🏳️‍🌈", "🏴‍☠️", "👩‍❤️‍💋‍👨", "👨‍👩‍👧‍👦", "🧑🏿‍🤝‍🧑🏻",
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫩", "🪿", "㊗️", "🏻", "⚧️",
	} {
		if !isEmoji(one) {
			t.Errorf("%s (%+q) is no emoji", one, one)
		}
	}
	for _, none := range []string{
		"", " ", "a", "1", "#", "12", "1a⃣", "<b>", "+", "hello world", "\u202etfel", "👍👍", "👍 ", " 👍", "👍a", "\u200d", "👍\u200d", "\u200d👍", "\ufe0f", "🇩",
		"🇩🇪🇫", "🇩🇪🇫🇷", "é", "王", "👍\n", "\x00", "\xff", "\ufffd", "👍\u200d\u200d👍", "🇩🇪👍", "👍🇩🇪", "1️⃣2️⃣", strings.Repeat("a", 64),
	} {
		if isEmoji(none) {
			t.Errorf("%+q is an emoji", none)
		}
	}
}

func TestMessageHasOnlySoManyDifferentReactions(t *testing.T) {
	var under []Reaction
	for i := range reactionsMost {
		emoji := fmt.Sprint(i)
		if isOneTooMany(under, emoji) {
			t.Fatalf("%d are too many", i)
		}
		under = append(under, Reaction{Emoji: emoji})
	}
	if !isOneTooMany(under, "new") {
		t.Error("there is room for any number")
	}
	if isOneTooMany(under, "3") {
		t.Error("nobody can join those who are there")
	}
}
