package handlers

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// With the race detector.
func TestFirstPagesMayBeDrawnAtOnce(t *testing.T) {
	for range 20 {
		engine, err := newEngine(os.DirFS(filepath.Join("..", "views")), false)
		if err != nil {
			t.Fatal(err)
		}
		var drawing sync.WaitGroup
		for range 8 {
			drawing.Go(func() {
				view := errorView{page: &page{Lang: "en", words: words{"en": {}}, assets: &assets{}}, Status: 404, Message: "There is no such page."}
				if err := engine.Render(io.Discard, "error", view); err != nil {
					t.Error(err)
				}
			})
		}
		drawing.Wait()
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
