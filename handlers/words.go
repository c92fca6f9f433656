package handlers

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// words are what the pages say, in each language that has a file under views/words.
type words map[string]map[string]string

const fallbackLanguage = "en"

// readWords reads the languages. Each must say everything that English says.
func readWords(views fs.FS) (words, error) {
	files, err := fs.Glob(views, "words/*.json")
	if err != nil {
		return nil, err
	}
	all := words{}
	for _, file := range files {
		raw, err := fs.ReadFile(views, file)
		if err != nil {
			return nil, err
		}
		said := map[string]string{}
		if err := json.Unmarshal(raw, &said); err != nil {
			return nil, fmt.Errorf("views/%s: %w", file, err)
		}
		all[strings.TrimSuffix(path.Base(file), ".json")] = said
	}
	for language, said := range all {
		for key := range all[fallbackLanguage] {
			if said[key] == "" {
				return nil, fmt.Errorf("views/words/%s.json has no %q", language, key)
			}
		}
	}
	if len(all[fallbackLanguage]) == 0 {
		return nil, fmt.Errorf("views/words/%s.json is missing", fallbackLanguage)
	}
	return all, nil
}

// languages lists them, English first: a browser that names none gets that.
func (w words) languages() []string {
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(w)), func(l string) bool { return l == fallbackLanguage })
	return append([]string{fallbackLanguage}, rest...)
}

// saidByScript are the refusals of a socket that one sentence says whole, which the page's script says in its language, as pages do
// (page.refusal). Others say what was asked for: of them the English sentence tells more.
var saidByScript = []string{"locked", "taken", "unavailable"}

// scripts hold what the page's script says ("js.…"), one for each language, by its name among the static files. Browsers keep them,
// as they don't keep the page.
func (w words) scripts() (map[string][]byte, error) {
	scripts := map[string][]byte{}
	for language, said := range w {
		some := map[string]string{}
		for key, word := range said {
			if strings.HasPrefix(key, "js.") {
				some[key] = word
			}
		}
		if language != fallbackLanguage { // else they are said as precisely as they are known
			for _, code := range saidByScript {
				some["refused."+code] = said["refused."+code]
			}
		}
		b, err := json.Marshal(some)
		if err != nil {
			return nil, err
		}
		scripts["words/"+language+".js"] = fmt.Appendf(nil, "window.words = %s;\n", b)
	}
	return scripts, nil
}

// say returns a word with its {names} filled in from pairs of name and value.
func (w words) say(language, key string, pairs ...any) string {
	word, ok := w[language][key]
	if !ok {
		return key // seen at once by whoever wrote the template
	}
	if len(pairs) < 2 {
		return word
	}
	holes := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		holes = append(holes, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(holes...).Replace(word) // all at once: somebody's name may look like a hole
}

// count is say for a number: key.one or key.other, with {n} filled in.
func (w words) count(language, key string, n int, pairs ...any) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return w.say(language, key+form, append([]any{"n", strconv.Itoa(n)}, pairs...)...)
}
