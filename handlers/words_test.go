package handlers

import "testing"

func TestWordsAreFilledInOnce(t *testing.T) {
	w := words{"en": {"two": "{a} and {b} in {n}", "of.one": "{n} of {a}", "of.other": "{n} of {a}", "none": "nobody"}}
	for got, want := range map[string]string{
		w.say("en", "two", "a", "{b}", "b", "Bob", "n", 3): "{b} and Bob in 3",
		w.say("en", "two", "b", "Bob"):                     "{a} and Bob in {n}",
		w.say("en", "none"):                                "nobody",
		w.say("en", "unknown", "a", "x"):                   "unknown",
		w.count("en", "of", 1, "a", "{n}"):                 "1 of {n}",
	} {
		if got != want {
			t.Errorf("%q is said, not %q", got, want)
		}
	}
}
