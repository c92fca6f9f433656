package handlers

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// link returns a page's script with all modules that it leads to in it, each once, in the order in which a browser would run them.
// Browsers ask for six files at a time over HTTP/1.1: forty modules were seven round trips and, compressed each by itself, twice the
// bytes.
//
// A module becomes a function that is called once and returns what the module exports, so that names of two modules don't meet. That is
// the same as long as a module imports by name, exports only what is never assigned again, and there is no circle; anything else is an
// error, which stops the start.
func link(files fs.FS, name string) ([]byte, error) {
	l := &linker{files: files, numbers: map[string]int{}}
	if _, err := l.add(name, nil); err != nil {
		return nil, err
	}
	return l.out.Bytes(), nil
}

type linker struct {
	files   fs.FS
	numbers map[string]int // of the modules that are in out
	out     bytes.Buffer
}

var (
	importing = regexp.MustCompile(`^import (?:\{ ?([^{}]*?),? ?\} from )?"(\.[^"]+)";$`)
	exporting = regexp.MustCompile(`^export ((?:async )?function|class|const) (\w+)\b`)
)

// add puts a module into the script, after those that it imports, and returns its number. within are those that lead to it.
func (l *linker) add(name string, within []string) (int, error) {
	if number, ok := l.numbers[name]; ok {
		return number, nil
	}
	if slices.Contains(within, name) {
		return 0, fmt.Errorf("static/%s: modules import each other in a circle: %s", name, strings.Join(within, ", "))
	}
	source, err := fs.ReadFile(l.files, name)
	if err != nil {
		return 0, fmt.Errorf("static/%s: %w", name, err)
	}
	var body bytes.Buffer
	exports := []string{}
	for line := range strings.Lines(string(lighten(source))) {
		text := strings.TrimRight(line, "\r\n")
		switch first, _, _ := strings.Cut(text, " "); first {
		case "import":
			bound, err := l.imported(name, text, append(within, name))
			if err != nil {
				return 0, err
			}
			body.WriteString(bound + "\n")
		case "export":
			found := exporting.FindStringSubmatch(text)
			if found == nil {
				return 0, fmt.Errorf("static/%s: %q exports in a way that can't be linked", name, text)
			}
			exports = append(exports, found[2])
			body.WriteString(strings.TrimPrefix(line, "export "))
		default:
			body.WriteString(line)
		}
	}
	l.numbers[name] = len(l.numbers) + 1
	fmt.Fprintf(&l.out, "// %s\nconst $%d = (() => {\n%s\nreturn { %s };\n})();\n", name, l.numbers[name], &body, strings.Join(exports, ", "))
	return l.numbers[name], nil
}

// imported is what stands instead of a line that imports.
func (l *linker) imported(name, line string, within []string) (string, error) {
	found := importing.FindStringSubmatch(line)
	if found == nil {
		return "", fmt.Errorf("static/%s: %q imports in a way that can't be linked", name, line)
	}
	number, err := l.add(path.Join(path.Dir(name), found[2]), within)
	if err != nil || found[1] == "" {
		return "", err
	}
	return fmt.Sprintf("const { %s } = $%d;", strings.ReplaceAll(found[1], " as ", ": "), number), nil
}
