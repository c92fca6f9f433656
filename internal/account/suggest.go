package account

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

// suggestMost is how many names are tried before giving up.
const suggestMost = 50

// Suggest returns a free name like one that is taken: Ada 2, Ada 3 and so on, and after "Ada 7" "Ada 8". It returns the zero Name
// where it finds none.
func Suggest(name Name, taken func(key string) (bool, error)) (Name, error) {
	base, n := name.text, 2
	if i := strings.LastIndexByte(base, ' '); i > 0 {
		if number, err := strconv.ParseUint(base[i+1:], 10, 16); err == nil {
			base, n = base[:i], int(number)+1
		}
	}
	for range suggestMost {
		number := fmt.Sprintf(" %d", n)
		n++
		next, err := CheckName(firstCharacters(base, nameLength-len(number)) + number)
		if err != nil {
			return Name{}, nil // a name to which no number can be added
		}
		is, err := taken(next.key)
		if err != nil {
			return Name{}, err
		}
		if !is {
			return next, nil
		}
	}
	return Name{}, nil
}

// firstCharacters cuts text after n characters.
func firstCharacters(text string, n int) string {
	state, rest := -1, text
	for range n {
		if rest == "" {
			return text
		}
		_, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
	}
	return text[:len(text)-len(rest)]
}

// GuestName is the name of a guest who has said none.
func GuestName(n int64) Name {
	number := strconv.FormatInt(n, 10)
	return Name{text: "Guest " + number, key: "guest " + number}
}
