package wire

import (
	"strconv"

	"parley/internal/chat"
)

// AppendFiles appends files as the array that a message has of them, and AppendFile one of them.
func AppendFiles(dst []byte, files []chat.File) []byte {
	dst = append(dst, '[')
	for i := range files {
		dst = AppendFile(appendComma(dst, i), &files[i])
	}
	return append(dst, ']')
}

// AppendFile appends what is told of a file, the same in the answer to its upload and in a message.
func AppendFile(dst []byte, f *chat.File) []byte {
	dst = appendString(append(dst, `{"id":`...), f.ID)
	dst = appendKeyString(appendKeyString(dst, `,"name":`, f.Name), `,"type":`, f.Type)
	dst = appendKeyInt(dst, `,"size":`, f.Size)
	if f.Width > 0 && f.Height > 0 {
		dst = appendKeyInt(appendKeyInt(dst, `,"width":`, int64(f.Width)), `,"height":`, int64(f.Height))
	}
	if !f.Gone {
		dst = append(appendFilePath(append(dst, `,"url":"`...), f), '"')
	}
	if f.Thumb && !f.Gone {
		dst = append(append(append(append(dst, `,"thumb":"`...), thumbsAt...), f.ID...), '"')
	}
	return append(dst, '}')
}

// The addresses of files and of their small pictures. The name of a file stands in its address for people; the id alone counts.
const (
	filesAt  = "/files/"
	thumbsAt = "/thumbs/"
)

// appendFilePath appends the address of a file, in which nothing needs to be escaped in JSON.
func appendFilePath(dst []byte, f *chat.File) []byte {
	dst = append(append(append(dst, filesAt...), f.ID...), '/')
	for _, c := range []byte(f.Name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~': // RFC 3986, 2.3
			dst = append(dst, c)
		default:
			dst = append(dst, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return dst
}

// appendFileLines appends a line for each file of a message, behind its text where it has one: for those who read lines.
func appendFileLines(dst []byte, e *chat.Event, lineEnd string) []byte {
	for i := range e.Files {
		f := &e.Files[i]
		if i > 0 || e.Text != "" {
			dst = append(dst, lineEnd...)
		}
		dst = append(appendValid(dst, f.Name), ` (`...)
		dst = append(AppendSize(dst, f.Size), ')')
		if !f.Gone {
			dst = appendFilePath(append(dst, ' '), f)
		}
	}
	return dst
}

// AppendSize appends a number of bytes as people read it, as the page does: in units of 1000, with one decimal below 10.
func AppendSize(dst []byte, bytes int64) []byte {
	units := [...]string{" B", " kB", " MB", " GB", " TB"}
	size, unit := float64(bytes), 0
	for ; unit < len(units)-1 && size >= 999.5; unit++ {
		size /= 1000
	}
	digits := 0
	if unit > 0 && size < 9.95 {
		digits = 1
	}
	return append(strconv.AppendFloat(dst, size, 'f', digits, 64), units[unit]...)
}
