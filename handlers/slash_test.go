package handlers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/chat"
)

// The pages say of a command what the terminal says of it, in each language, and how it is typed.
func TestEveryCommandThatPeopleTypeHasItsWords(t *testing.T) {
	words, err := readWords(os.DirFS(filepath.Join("..", "views")))
	if err != nil {
		t.Fatal(err)
	}
	for i := range chat.Slashes {
		s := &chat.Slashes[i]
		if !s.IsIn(chat.SlashPage) {
			continue
		}
		if english := words["en"]["slash."+s.Name]; !strings.EqualFold(english, s.Help) {
			t.Errorf("/%s is said to %q on the page, %q in the terminal", s.Name, english, s.Help)
		}
		for _, arg := range slashWord.FindAllString(s.Args, -1) {
			if english := words["en"]["slash.arg."+strings.ToLower(arg)]; english != arg {
				t.Errorf("%s of /%s is %q on the page", arg, s.Name, english)
			}
		}
	}
	v := chatView{Moderator: true, page: &page{Lang: "de", words: words}}
	for _, line := range v.Slashes() {
		if strings.Contains(line.Help, "slash.") || strings.Contains(line.Usage, "slash.") {
			t.Errorf("there are no words of %+v", line)
		}
	}
}

func TestReactionsAtHandAreThoseOfTheScript(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("..", "static", "js", "ui", "reactions.js"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `["` + strings.Join(atHand[:], `", "`) + `"]`; !strings.Contains(string(script), "atHand = "+want) {
		t.Errorf("static/js/ui/reactions.js has others than %s", want)
	}
}

// What is typed on the page without a script is done by the table of the core, too.
func TestEveryCommandOfThePageIsDoneWithoutAScript(t *testing.T) {
	for name := range plainActs {
		if chat.FindSlash(chat.SlashPage, name) == nil {
			t.Errorf("/%s is done, and nobody can type it", name)
		}
	}
	for i := range chat.Slashes {
		if s := &chat.Slashes[i]; s.IsIn(chat.SlashPage) && plainActs[s.Name] == nil {
			t.Errorf("/%s can be typed, and nothing is done", s.Name)
		}
	}
}
