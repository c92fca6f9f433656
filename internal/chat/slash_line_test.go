package chat

import (
	"testing"
	"time"
)

func TestTypedLinesAreTextOrCommands(t *testing.T) {
	for line, want := range map[string]Typed{
		"hello": {Text: "hello"}, " /who": {Text: " /who"}, "//etc/hosts": {Text: "/etc/hosts"}, "": {},
		"/WHO":             {IsCommand: true, Name: "WHO", Slash: FindSlash(SlashPage, "who")},
		"/me\nwaves\r\n":   {IsCommand: true, Name: "me", Slash: FindSlash(SlashPage, "me"), Text: "waves"},
		"/msg  Ada  hi  ":  {IsCommand: true, Name: "msg", Slash: FindSlash(SlashPage, "msg"), Text: "Ada  hi"},
		"/quit":            {IsCommand: true, Name: "quit"},
		"/home/ada/x y":    {IsCommand: true, Name: "home/ada/x", Text: "y"},
		"/":                {IsCommand: true},
		"/ text after air": {IsCommand: true, Text: "text after air"},
	} {
		if got := ReadTyped(SlashPage, line); got != want {
			t.Errorf("%q is %+v, want %+v", line, got, want)
		}
	}
}

func TestNamesAreKnownBeforeTheyAreCut(t *testing.T) {
	known := []string{"Ada", "Ada 2", "王小明"}
	for text, want := range map[string][2]string{
		"ada 2 hi": {"Ada 2", "hi"}, "Ada 2": {"Ada 2", ""}, "Ada 3 hi": {"Ada", "3 hi"}, "@Ada": {"Ada", ""}, "Adam hi": {"Adam", "hi"},
		"王小明 你好": {"王小明", "你好"}, `"Bob the B" hi`: {"Bob the B", "hi"}, `"Bob`: {`"Bob`, ""}, "": {"", ""},
	} {
		if name, rest := SplitName(text, known); name != want[0] || rest != want[1] {
			t.Errorf("%q is %q and %q", text, name, rest)
		}
	}
}

func TestTimesAreReadAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "10m": 10 * time.Minute, "2h": 2 * time.Hour, "7d": 7 * 24 * time.Hour,
		"": 0, "m": 0, "0m": 0, "-1m": 0, "10": 0, "10x": 0, "10000d": 0, "王": 0,
	} {
		if got := ReadSpan(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}
