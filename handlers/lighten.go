package handlers

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
)

// forTheWire returns a script or style as it is served: a style and a page's script with those that it imports in it, all without
// their comments.
// With --dev the browser gets the files as they are, and shows the same.
func forTheWire(files fs.FS, name string, source []byte) ([]byte, error) {
	switch path.Ext(name) {
	case ".css":
		whole, err := inline(files, name, source)
		return lighten(whole), err
	case ".js":
		if path.Dir(name) == "js" { // the others are parts of these
			return link(files, name)
		}
		return lighten(source), nil
	default:
		return source, nil
	}
}

var importLine = regexp.MustCompile(`(?m)^@import "([^"]+)";$`)

// inline puts imported styles where they are imported: a browser would ask for them one round trip later.
func inline(files fs.FS, name string, source []byte) (whole []byte, err error) {
	whole = importLine.ReplaceAllFunc(source, func(line []byte) []byte {
		imported := path.Join(path.Dir(name), string(importLine.FindSubmatch(line)[1]))
		style, readErr := fs.ReadFile(files, imported)
		if readErr != nil {
			err = fmt.Errorf("static/%s: %w", name, readErr)
		}
		return style
	})
	return whole, err
}

// lighten empties the lines of a script or style that are nothing but comment. Comments are for whoever reads the source; on the
// wire they are 4 of 10 bytes of the chat page's scripts. Lines stay where they are, so that an error names the source's line.
// A comment beside code is kept, and no text of several lines may have a line that begins like one.
func lighten(source []byte) []byte {
	light := make([]byte, 0, len(source))
	inComment := false
	for line := range bytes.Lines(source) {
		text := bytes.TrimSpace(line)
		if inComment {
			if _, after, ends := bytes.Cut(text, []byte("*/")); ends {
				inComment = false
				light = append(light, bytes.TrimSpace(after)...)
			}
		} else if bytes.HasPrefix(text, []byte("/*")) && !bytes.Contains(text, []byte("*/")) {
			inComment = true
		} else if !isComment(text) {
			light = append(light, line...)
			continue
		}
		if bytes.HasSuffix(line, []byte("\n")) {
			light = append(light, '\n')
		}
	}
	return light
}

// isComment reports whether a line is a comment and nothing else.
func isComment(text []byte) bool {
	return bytes.HasPrefix(text, []byte("//")) || bytes.HasPrefix(text, []byte("/*")) && bytes.Index(text, []byte("*/")) == len(text)-2
}
