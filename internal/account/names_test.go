package account

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

func TestGoodNames(t *testing.T) {
	for _, c := range []struct{ said, shown string }{
		{"Ada", "Ada"},
		{"Client 1", "Client 1"},
		{"<script>", "<script>"},
		{`<img src=x onerror="alert(1)">`, `<img src=x onerror="alert(1)">`},
		{`Robert'); DROP TABLE users;--`, `Robert'); DROP TABLE users;--`},
		{"7", "7"},
		{"!?", "!?"},
		{":)", ":)"},
		{"a:b", "a:b"},
		{"O’Brien", "O’Brien"},
		{"王小明", "王小明"},
		{"Jörg-Günther", "Jörg-Günther"},
		{"Jo\u0308rg", "Jörg"},          // decomposed
		{"  Ada \u00a0 B.  ", "Ada B."}, // RFC 8266, section 2.1
		{"Ada\u3000Lovelace", "Ada Lovelace"},
		{"ＡＤＡ", "ADA"},
		{"ﬁona", "fiona"},
		{"Жанна", "Жанна"},
		{"Ελένη", "Ελένη"},
		{"Ada Жанна", "Ada Жанна"}, // two words, each of one alphabet
		{"محمد", "محمد"},
		{"مُحَمَّد", "مُحَمَّد"},
		{"دانيال דָּנִיֵּאל", "دانيال דָּנִיֵּאל"},
		{"علی\u200cرضا", "علی\u200cرضا"}, // Persian spells it so
		{"ශ්\u200dරී", "ශ්\u200dරී"},     // so does Sinhala
		{"प्रिया", "प्रिया"},
		{"ประยุทธ์", "ประยุทธ์"},
		{"Nguyễn Thị Hồng", "Nguyễn Thị Hồng"},
		{"😀", "😀"},
		{"👍🏽", "👍🏽"},
		{"🇩🇪 Jörg", "🇩🇪 Jörg"},
		{"👩‍👩‍👧", "👩‍👩‍👧"},
		{"👩🏽‍❤️‍💋‍👨🏿", "👩🏽‍❤️‍💋‍👨🏿"},
		{"Ada 🏳️‍🌈 ☺ ❤️", "Ada 🏳️‍🌈 ☺ ❤️"},
		{"☺👩‍💻☺️☺", "☺👩‍💻☺️☺"},
		{"Agent 0️⃣0️⃣7️⃣", "Agent 0️⃣0️⃣7️⃣"},
		{"❤\ufe0e", "❤"}, // how a sign is drawn is not its reader's business
		{strings.Repeat("a", 32), strings.Repeat("a", 32)},
		{strings.Repeat("👨‍👩‍👧‍👦", 32), strings.Repeat("👨‍👩‍👧‍👦", 32)},
		{strings.Repeat("e\u0301", 32), strings.Repeat("é", 32)},
		{" " + strings.Repeat("a", 32) + " ", strings.Repeat("a", 32)},
		{"Gal·la", "Gal·la"}, // the dot is a part of Catalan
		{"systems", "systems"},
		{"Parley fan", "Parley fan"},
	} {
		name, err := CheckName(c.said)
		if err != nil {
			t.Errorf("%q: %v", c.said, err)
		} else if name.String() != c.shown {
			t.Errorf("%q is shown as %q, want %q", c.said, name, c.shown)
		}
	}
}

func TestBadNames(t *testing.T) {
	const (
		empty     = "is empty"
		long      = "longer than 32"
		line      = "one line"
		control   = "control character"
		direction = "direction of writing"
		invisible = "invisible character"
		char      = "can't be in a name"
		beside    = "doesn't go with"
		kept      = "kept for the chat"
		begin     = "can't begin with"
		marks     = "too many marks"
		bare      = "accent without a letter"
		mixed     = "mixes Latin"
	)
	for _, c := range []struct{ said, says string }{
		{"", empty},
		{"   ", empty},
		{"\u00a0\u3000", empty},
		{strings.Repeat("a", 33), long},
		{strings.Repeat("王", 33), long},
		{strings.Repeat("👨‍👩‍👧‍👦", 33), long},
		{strings.Repeat("a", 10_000), long},
		{strings.Repeat("😀", 10_000), long},
		{strings.Repeat(" ", 10_000), long},
		{strings.Repeat("a\u0301\u0302", 10_000), long},
		{strings.Repeat("ﷺ", 2), long}, // 18 characters each in plain form
		{"Ada\nLovelace", line},
		{"Ada\r", line},
		{"Ada\u2028", line},
		{"Ada\u2029", line},
		{"Ada\u0085", line},
		{"Ada\x00", control},
		{"A\tda", control},
		{"\x1b[31mAda", control},
		{"Ada\x7f", control},
		{"Ada\u009b", control},
		{"\u202eadA", direction},
		{"A\u202ada", direction},
		{"\u2066Ada\u2069", direction},
		{"Ada\u200e", direction},
		{"Ada\u200f", direction},
		{"Ada\u061c", direction},
		{"A\u200bda", invisible},
		{"A\u200cda", invisible},
		{"A\u200dda", invisible},
		{"Ada\u200d", invisible},
		{"\u200dAda", invisible},
		{"\u200d", invisible},
		{"\u200c", invisible},
		{"😀\u200d", invisible},
		{"😀\u200dA", invisible},
		{"😀\u200d\u200d😀", invisible},
		{"A\ufe0fda", invisible},
		{"Ada 1\ufe0f", invisible},
		{"😀\ufe0f\ufe0f", invisible},
		{"A\ufe0eda", invisible},
		{"A\ufe00", invisible},
		{"A\U000e0100", invisible},
		{"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", invisible}, // tags can hide any text
		{"A\u00adda", invisible},
		{"\ufeffAda", invisible},
		{"A\u2060da", invisible},
		{"A\u034fda", invisible},
		{"\u115f", invisible},
		{"\u3164", invisible},
		{"\uffa0", invisible},
		{"\u2800", invisible},
		{"A\u180eda", invisible},
		{"Ada\ue000", "on every machine"},
		{"Ada\U000f0000", "on every machine"},
		{"Ada\ufdd0", char},
		{"Ada\uffff", char},
		{"Ada\u0378", char},    // unassigned
		{"\u1100\u1100", char}, // lone letters of Hangul syllables
		{"A·B", beside},        // RFC 5892, appendix A.3
		{"Ada|", "|"},
		{"Ada｜Bob", "|"},
		{"Ada: hi", ": before a space"},
		{"Ada:", ": before a space"},
		{"Ada： hi", ": before a space"},
		{"@Ada", begin},
		{"#dev", begin},
		{"/nick", begin},
		{"＠Ada", begin},
		{"*", begin},
		{"* Ada joined", begin},
		{"system", kept},
		{"System", kept},
		{"ＳＹＳＴＥＭ", kept},
		{" parley ", kept},
		{"Everyone", kept},
		{"here", kept},
		{"SERVER", kept},
		{"a" + strings.Repeat("\u0301\u0316", 40), marks},
		{"Z̸̧̢̛̛̗̤̣̬̱a", marks},
		{strings.Repeat("\u0d4e", 40), marks}, // letters that all become one character
		{"\u0301Ada", bare},
		{"Ada \u0301", bare},
		{"¨", bare},    // a space and an accent in plain form
		{"Аdа", mixed}, // the vowels are Cyrillic
		{"Αda", mixed}, // the first letter is Greek
		{"Bob Аdа", mixed},
		{"A\xffda", "UTF-8"},
		{"A\xed\xa0\x80", "UTF-8"},
	} {
		name, err := CheckName(c.said)
		var refused *Error
		if !errors.As(err, &refused) {
			t.Errorf("%.40q is a name, %q; want it refused because it %s", c.said, name, c.says)
			continue
		}
		if refused.Code != CodeBadName || !strings.Contains(refused.Message, c.says) {
			t.Errorf("%.40q: %v; want it refused because it %s", c.said, err, c.says)
		}
		if strings.ContainsFunc(refused.Message, isHidden) {
			t.Errorf("%.40q: the refusal repeats what can't be seen: %q", c.said, refused.Message)
		}
		if n := strings.Count(refused.Message, "."); n < 2 || len(refused.Message) > 200 {
			t.Errorf("%.40q: the refusal doesn't say both what is wrong and what would be right: %s", c.said, refused.Message)
		}
	}
}

func isHidden(r rune) bool {
	return r < ' ' || isJoiner(r) || r == 0x202e || r == 0x200b || r == utf8.RuneError
}

func TestNamesThatAreTheSame(t *testing.T) {
	for _, same := range [][]string{
		{"Ada", "ada", "ADA", "ＡＤＡ", "aDa", " Ada ", "ᴬda"},
		{"Ada Lovelace", "ada  lovelace", "ADA\u00a0LOVELACE"},
		{"Jörg", "JÖRG", "Jo\u0308rg"},
		{"Жанна", "ЖАННА"},
		{"ΟΔΥΣΣΕΥΣ", "οδυσσευσ"},
		{"ガガ", "ｶﾞｶﾞ"},
		{"❤️ Ada", "❤ ada"},
		{"👩‍👩‍👧", "👩👩👧"}, // looks the same where the sign is not known
		{"علی\u200cرضا", "علیرضا"},
		{"K", "\u212a"}, // the Kelvin sign
	} {
		want := mustName(t, same[0]).Key()
		for _, s := range same[1:] {
			if key := mustName(t, s).Key(); key != want {
				t.Errorf("%q has the key %q; want %q, as %q has", s, key, want, same[0])
			}
		}
	}
}

func TestNamesThatDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"Ada", "Äda", "Ada 2", "Ada2", "Adá", "王", "玉", "Ана", "Ana", "😀", "😁", "👍🏽", "👍🏿", "A.da"} {
		key := mustName(t, s).Key()
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q have the same key %q", other, s, key)
		}
		seen[key] = s
	}
}

func TestLongNamesAreRefusedAtOnce(t *testing.T) {
	long := strings.Repeat("👨‍👩‍👧‍👦", 400_000) // 10 MB
	begun := time.Now()
	for range 1000 {
		if _, err := CheckName(long); err == nil {
			t.Fatal("a name of 10 MB is accepted")
		}
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("refusing a long name 1,000 times took %v", took)
	}
}

func TestSuggestCountsOn(t *testing.T) {
	taken := map[string]bool{"ada": true, "ada 2": true, "ada 3": true, "ada 65535": true}
	for _, c := range []struct{ name, want string }{
		{"Ada", "Ada 4"},
		{"Ada 2", "Ada 4"},
		{"Ada 3", "Ada 4"},
		{"Bob", "Bob 2"},
		{"Bob 9", "Bob 10"},
		{"007", "007 2"},
		{"Ada 65535", "Ada 65536"},
		{strings.Repeat("a", 32), strings.Repeat("a", 30) + " 2"},
		{strings.Repeat("a", 29) + " bc", strings.Repeat("a", 29) + " 2"},
		{strings.Repeat("👨‍👩‍👧‍👦", 32), strings.Repeat("👨‍👩‍👧‍👦", 30) + " 2"},
		{"ประยุทธ์", "ประยุทธ์ 2"},
	} {
		got, err := Suggest(mustName(t, c.name), func(key string) (bool, error) { return taken[key], nil })
		if err != nil || got.String() != c.want {
			t.Errorf("for %q: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestSuggestGivesUp(t *testing.T) {
	got, err := Suggest(mustName(t, "Ada"), func(string) (bool, error) { return true, nil })
	if got != (Name{}) || err != nil {
		t.Errorf("where all is taken: %q, %v; want nothing", got, err)
	}
	broken := errors.New("broken")
	if _, err := Suggest(mustName(t, "Ada"), func(string) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("the error is %v, want the store's", err)
	}
}

func TestGuestNamesAreNames(t *testing.T) {
	for _, n := range []int64{1, 12, 1 << 40} {
		guest := GuestName(n)
		if name := mustName(t, guest.String()); name != guest {
			t.Errorf("%q with the key %q is checked as %q with the key %q", guest, guest.Key(), name, name.Key())
		}
	}
}

// FuzzCheckName holds names against what everyone who shows, compares or sends one relies on.
func FuzzCheckName(f *testing.F) {
	for _, s := range []string{
		"Ada", "<script>", "王小明", "علی\u200cرضا", "ශ්\u200dරී", "👩‍👩‍👧 ❤️ 0️⃣", "☺\u0301👩‍💻", "A\u200dda", "Ada: hi", "¨a",
		"ﷺ", "ẛ̣", "ΐ",
		"ａ̈", "\u0d4e\u0d4ea", "1\ufe0f\u20e3", "Ⅷ ℡ ™️ ㊗️", "A\u3000 \u00a0b", "ſ K Å", "İstanbul", strings.Repeat("👨‍👩‍👧‍👦", 32),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, said string) {
		name, err := CheckName(said)
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) || refused.Code != CodeBadName || refused.Message == "" {
				t.Fatalf("%q: %v is no refusal of a name", said, err)
			}
			return
		}
		shown := name.String()
		if n := uniseg.GraphemeClusterCount(shown); n < 1 || n > nameLength {
			t.Errorf("%q is shown as %q, which has %d characters", said, shown, n)
		}
		if !utf8.ValidString(shown) || strings.ContainsAny(shown, "|\n\r\t\x00\u200b\u202e") || shown != strings.TrimSpace(shown) {
			t.Errorf("%q is shown as %q", said, shown)
		}
		if again, err := CheckName(shown); err != nil || again != name {
			t.Errorf("%q is shown as %q, which is checked as %q (key %q, %v); want the same and the key %q",
				said, shown, again, again.Key(), err, name.Key())
		}
		if name.Key() == "" || strings.ContainsFunc(name.Key(), isJoiner) {
			t.Errorf("%q has the key %q", said, name.Key())
		}
		if lower, err := CheckName(strings.ToLower(shown)); err == nil && uniseg.GraphemeClusterCount(shown) == len(shown) &&
			lower.Key() != name.Key() {
			t.Errorf("%q has the key %q, in small letters %q", shown, name.Key(), lower.Key())
		}
	})
}

func mustName(t *testing.T, s string) Name {
	t.Helper()
	name, err := CheckName(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return name
}
