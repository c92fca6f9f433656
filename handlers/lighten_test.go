package handlers

import (
	"testing"
	"testing/fstest"
)

func TestCommentsStayInTheSourceAndLinesWhereTheyAre(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"line":               {"// why\na();\n  // more\nb();", "\na();\n\nb();"},
		"block":              {"/* a\n * b\n */\nx {}\n", "\n\n\nx {}\n"},
		"one line block":     {"  /** @type {string} */\n  #a = \"\";\n", "\n  #a = \"\";\n"},
		"beside code":        {"a(); // why\n/** @type {any} */ (b).c();\n", "a(); // why\n/** @type {any} */ (b).c();\n"},
		"slashes in a text":  {"const url = \"http://x\";\n", "const url = \"http://x\";\n"},
		"a product in code":  {"x = a\n  * b;\n", "x = a\n  * b;\n"},
		"two blocks":         {"/* a */\nx\n/* b\n*/\ny", "\nx\n\n\ny"},
		"ends in a comment":  {"a();\n// z", "a();\n"},
		"carriage return":    {"// a\r\nb();\r\n", "\nb();\r\n"},
		"nothing":            {"", ""},
		"code after a block": {"/* a\nb */ c();\nd();\n", "\nc();\nd();\n"},
	} {
		if got := string(lighten([]byte(test.source))); got != test.want {
			t.Errorf("%s: lighten(%q) = %q, want %q", name, test.source, got, test.want)
		}
	}
}

func TestImportedStylesAreServedInOneFile(t *testing.T) {
	files := fstest.MapFS{
		"css/base.css": {Data: []byte("/* base */\np { margin: 0 }\n")},
		"css/log.css":  {Data: []byte("ol { padding: 0 }\n")},
	}
	page := []byte("@import \"../base.css\";\n@import \"../log.css\";\nb { color: red }\n")
	got, err := forTheWire(files, "css/pages/chat.css", page)
	if want := "\np { margin: 0 }\n\nol { padding: 0 }\n\nb { color: red }\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := forTheWire(files, "css/pages/chat.css", []byte("@import \"../gone.css\";\n")); err == nil {
		t.Error("an import of a file that isn't there must stop the start")
	}
}
