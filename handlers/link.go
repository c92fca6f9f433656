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
//
// What is seldom needed is a script of its own beside the page's, which a module asks for when it is: await import("../viewer.js"). It
// must bring along all that it needs, and keep nothing in its modules that the page's have too: those are there twice.
func link(files fs.FS, name string) ([]byte, error) {
	l := &linker{files: files, folder: path.Dir(name), numbers: map[string]int{}}
	number, err := l.add(name, nil)
	if err != nil {
		return nil, err
	}
	if len(l.exports) > 0 {
		fmt.Fprintf(&l.out, "export const { %s } = $%d;\n", strings.Join(l.exports, ", "), number)
	}
	return l.out.Bytes(), nil
}

type linker struct {
	files   fs.FS
	folder  string         // of the script
	numbers map[string]int // of the modules that are in out
	exports []string       // of the module that was added last
	out     bytes.Buffer
}

var (
	importing = regexp.MustCompile(`^import (?:\{ ?([^{}]*?),? ?\} from )?"(\.[^"]+)";$`)
	exporting = regexp.MustCompile(`^export ((?:async )?function|class|const) (\w+)\b`)
	later     = regexp.MustCompile(`\bawait import\("(\.[^"]+)"\)`)
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
	for line := range strings.Lines(string(source)) {
		line, err := l.importedLater(name, line)
		if err != nil {
			return 0, err
		}
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
	l.exports = exports
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

// importedLater is a line in which scripts that are asked for when they are needed are named as the linked script finds them.
func (l *linker) importedLater(name, line string) (string, error) {
	for _, found := range later.FindAllStringSubmatch(line, -1) {
		script := path.Join(path.Dir(name), found[1])
		if path.Dir(script) != l.folder {
			return "", fmt.Errorf("static/%s: %s is to be imported later, but is not a script of its own in static/%s", name, script, l.folder)
		}
		if _, err := fs.Stat(l.files, script); err != nil {
			return "", fmt.Errorf("static/%s: %w", name, err)
		}
		line = strings.ReplaceAll(line, found[0], fmt.Sprintf(`await import("./%s")`, path.Base(script)))
	}
	return line, nil
}
