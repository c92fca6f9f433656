package handlers

import "testing"

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
