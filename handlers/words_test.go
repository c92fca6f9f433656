package handlers

import (
	"os"
	"strings"
	"testing"
)

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

func TestScriptsSayRefusalsInTheirLanguageAndInEnglishAsTheyAreKnown(t *testing.T) {
	w, err := readWords(os.DirFS("../views"))
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := w.scripts()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range saidByScript {
		for _, language := range w.languages() {
			has := strings.Contains(string(scripts["words/"+language+".js"]), `"refused.`+code+`":"`+w[language]["refused."+code])
			if has != (language != fallbackLanguage) || w[language]["refused."+code] == "" {
				t.Errorf("whether the script says %s in %s: %v", code, language, has)
			}
		}
	}
}
