package handlers

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
)

// forTheWire returns a script or style as it is served: a style and a page's script with those that it imports in it, and minified, which
// leaves half of the bytes. What others have made stays as it is. With --dev the browser gets the files as they are, and shows the same.
func forTheWire(files fs.FS, name string, source []byte) ([]byte, error) {
	var err error
	switch folder := path.Dir(name); {
	case strings.HasPrefix(name, "vendor/"):
		return source, nil
	case path.Ext(name) == ".css":
		source, err = inline(files, name, source)
	case path.Ext(name) == ".js" && folder == "js": // the others are parts of these
		source, err = link(files, name)
	default:
		return source, nil
	}
	if err != nil {
		return nil, err
	}
	small, err := minifier.Bytes(path.Ext(name), source)
	if err != nil {
		return nil, fmt.Errorf("static/%s can't be minified: %w", name, err)
	}
	return small, nil
}

// minifier knows files by the ends of their names.
var minifier = func() *minify.M {
	m := minify.New()
	m.AddFunc(".css", css.Minify)
	m.AddFunc(".js", js.Minify)
	return m
}()

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
