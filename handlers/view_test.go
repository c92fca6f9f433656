package handlers

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Else two first pages at once would race.
func TestPagesAreEscapedBeforeAnyIsAskedFor(t *testing.T) {
	engine, err := newEngine(os.DirFS(filepath.Join("..", "views")), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		if _, err := engine.Templates.Lookup(name).Clone(); err == nil { // which can't be done once it is escaped
			t.Errorf("%s is not escaped yet", name)
		}
	}
}

// A template that begins with the head is a page, and every other is a part of one.
func TestEveryPageIsAmongThePages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "views", "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		template, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		if isPage := strings.Contains(string(template), `{{template "head" .}}`); isPage != slices.Contains(pages[:], name) {
			t.Errorf("%s is a page: %v", name, isPage)
		}
	}
}

func TestBrokenTemplatesStopTheStart(t *testing.T) {
	for what, text := range map[string]string{"can't be read": `{{if`, "can't be escaped": `<a href="{{if .}}"{{end}}>`} {
		views := fstest.MapFS{}
		for _, name := range pages {
			views[name+".html"] = &fstest.MapFile{Data: []byte("<p>")}
		}
		views["check.html"] = &fstest.MapFile{Data: []byte(text)}
		if _, err := newEngine(views, false); err == nil || !strings.Contains(err.Error(), "check") {
			t.Errorf("a template that %s: %v", what, err)
		}
		delete(views, "check.html")
		if _, err := newEngine(views, false); err == nil || !strings.Contains(err.Error(), "check") {
			t.Errorf("one that is missing: %v", err)
		}
	}
}

// The page's script has the same cases: internal/e2e/js/lib.test.js.
func TestUpToSixEmojiAndNothingElseAreKnown(t *testing.T) {
	cases, err := os.ReadFile(filepath.Join("..", "internal", "e2e", "js", "emoji.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts struct{ Alone, Not []string }
	if err := json.Unmarshal(cases, &texts); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts.Alone {
		if !isFewEmoji(text) {
			t.Errorf("%q is taken for more than emoji", text)
		}
	}
	for _, text := range texts.Not {
		if isFewEmoji(text) {
			t.Errorf("%q is taken for emoji", text)
		}
	}
	if len(texts.Alone) == 0 || len(texts.Not) == 0 {
		t.Error("there are no cases")
	}
}
