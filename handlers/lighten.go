package handlers

import "bytes"

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
