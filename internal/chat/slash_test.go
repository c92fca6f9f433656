package chat

import (
	"regexp"
	"testing"
)

func TestMistypedSlashCommandIsNearToTheOneThatWasMeant(t *testing.T) {
	for typed, want := range map[string]string{
		"jion": "join", "Jon": "join", "hlep": "help", "leaev": "leave", "serach": "search", "mgs": "msg", "nik": "nick",
		"home/ada/notes": "", "etc": "", "x": "", "": "", "usr": "", "quti": "quit",
	} {
		if got := NearestSlash(SlashTerminal, typed); got != want {
			t.Errorf("/%s is near to %q, want %q", typed, got, want)
		}
	}
	if got := NearestSlash(SlashPage, "quti"); got != "" {
		t.Errorf("the page is said to have /%s", got)
	}
}

func TestSlashCommandsAreOneWordEachAndSayWhatTheyDo(t *testing.T) {
	seen := map[string]bool{}
	for i := range Slashes {
		s := &Slashes[i]
		if !regexp.MustCompile(`^[a-z]+$`).MatchString(s.Name) || seen[s.Name] || s.Help == "" {
			t.Errorf("%+v", s)
		}
		if !regexp.MustCompile(`^(([A-Za-z]+|\[[A-Za-z]+\])( |$))*$`).MatchString(s.Args) {
			t.Errorf("%q of /%s can't be read", s.Args, s.Name)
		}
		seen[s.Name] = true
		if FindSlash(SlashTerminal, s.Name) != s && s.Where != SlashPage {
			t.Errorf("/%s is not found", s.Name)
		}
	}
}
