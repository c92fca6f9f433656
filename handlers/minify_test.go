package handlers

import (
	"testing"
	"testing/fstest"
)

func TestImportedStylesAreServedInOneFile(t *testing.T) {
	files := fstest.MapFS{
		"css/base.css": {Data: []byte("/* base */\np { margin: 0 }\n")},
		"css/log.css":  {Data: []byte("ol { padding: 0 }\n")},
	}
	page := []byte("@import \"../base.css\";\n@import \"../log.css\";\nb { color: red }\n")
	got, err := forTheWire(files, "css/pages/chat.css", page)
	if want := "p{margin:0}ol{padding:0}b{color:red}"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := forTheWire(files, "css/pages/chat.css", []byte("@import \"../gone.css\";\n")); err == nil {
		t.Error("an import of a file that isn't there must stop the start")
	}
}

func TestWhatOthersMadeIsServedAsItIs(t *testing.T) {
	source := "/* licence */ x ( )"
	for _, name := range []string{"vendor/picker-1.0/picker.js", "vendor/picker-1.0/picker.css"} {
		if got, err := forTheWire(fstest.MapFS{}, name, []byte(source)); err != nil || string(got) != source {
			t.Errorf("%s is served as %q, %v", name, got, err)
		}
	}
}

func TestScriptThatIsNoneStopsTheStart(t *testing.T) {
	files := fstest.MapFS{"js/page.js": {Data: []byte("const = ;\n")}}
	if _, err := forTheWire(files, "js/page.js", nil); err == nil {
		t.Error("a page would be served a script that can't run")
	}
}
