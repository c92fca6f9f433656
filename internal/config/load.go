package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// defaultFile is read from the working folder where no file is named, if it is there.
const defaultFile = "config.yaml"

const envPrefix = "PARLEY_"

// Sources is where settings come from. Flags beat the environment, which beats the file, which beats the defaults.
type Sources struct {
	File  string            // "" is config.yaml in the working folder, if there is one
	Env   []string          // as os.Environ returns it; what doesn't begin with PARLEY_ is none of ours
	Flags map[string]string // by [Setting.Key] or [Setting.Flag]
}

// Load returns the settings. The error is one line that says where, which setting, what is wrong and what would be right.
func Load(from Sources) (Config, error) {
	l := newLoader()
	err := l.loadFile(from.File)
	if err == nil {
		err = l.loadEnv(from.Env)
	}
	if err == nil {
		err = l.loadFlags(from.Flags)
	}
	if err == nil {
		err = l.validate()
	}
	if err != nil {
		return Config{}, err
	}
	return l.config, nil
}

type loader struct {
	config   Config
	settings []Setting
	where    map[string]string // by key: where a setting that isn't the default was set last
}

func newLoader() *loader {
	return &loader{config: Default(), settings: Settings(), where: map[string]string{}}
}

func (l *loader) validate() error {
	err := l.config.Validate()
	var wrong *Error
	if errors.As(err, &wrong) {
		if wrong.Where = l.where[wrong.Key]; wrong.Where == "" {
			wrong.Where = l.where[wrong.other]
		}
	}
	return err
}

func (l *loader) loadFile(name string) error {
	given := name != ""
	if !given {
		name = defaultFile
	}
	content, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !given:
		return nil
	case err != nil:
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return &Error{Where: name, Problem: fmt.Sprintf("the settings can't be read: %v", err)}
	}
	return l.parse(name, content)
}

// parse sets what a file's content says.
func (l *loader) parse(name string, content []byte) error {
	var doc, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil // nothing but comments
	}
	if err == nil {
		if err = decoder.Decode(&second); err == nil {
			return &Error{Where: at(name, second.Line), Problem: "a second document begins here; keep all settings in one"}
		}
		if errors.Is(err, io.EOF) {
			return l.setGroup(name, "", target(doc.Content[0]), map[string]int{})
		}
	}
	return notYAML(name, content, err)
}

var yamlLine = regexp.MustCompile(`^yaml: (line \d+: )?`)

// notYAML says what the decoder says, and where. The decoder's own line is that of the block around the mistake, or the line before
// (v3.0.6); what helps is the line after the longest beginning of the file that is YAML.
func notYAML(name string, content []byte, err error) error {
	const longest = 2000 // lines: each beginning is decoded, and larger files are something else
	if lines := slices.Collect(bytes.Lines(content)); len(lines) <= longest {
		good := len(lines) - 1
		for good > 0 && yaml.Unmarshal(bytes.Join(lines[:good], nil), new(yaml.Node)) != nil {
			good--
		}
		name = at(name, good+1)
	}
	text := strings.Trim(strconv.Quote(yamlLine.ReplaceAllString(err.Error(), "")), `"`)
	return &Error{Where: name, Problem: "this is not YAML: " + text + `; write lines like listen: ":3000"`}
}

// setGroup sets what a group of settings says; prefix is its name and a point, "" for the whole file. lines has the settings found
// so far.
func (l *loader) setGroup(file, prefix string, group *yaml.Node, lines map[string]int) error {
	if group.Tag == "!!null" {
		return nil // all of it is commented out
	}
	if group.Kind != yaml.MappingNode {
		return &Error{
			Where: at(file, group.Line), Key: strings.TrimSuffix(prefix, "."),
			Problem: show(group) + " is not a group of settings; write one setting per line, like " + l.example(prefix),
		}
	}
	for i := 0; i < len(group.Content); i += 2 {
		name, value := target(group.Content[i]), target(group.Content[i+1])
		key := prefix + name.Value
		if first, twice := lines[key]; twice {
			return &Error{
				Where: at(file, name.Line), Key: key,
				Problem: fmt.Sprintf("is set twice, in line %d too; keep one of them", first),
			}
		}
		lines[key] = name.Line
		if err := l.setInFile(file, key, name, value, lines); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) setInFile(file, key string, name, value *yaml.Node, lines map[string]int) error {
	if name.Kind == yaml.ScalarNode {
		for _, s := range l.settings {
			if s.Key == key {
				return l.set(s, file, at(file, max(value.Line, name.Line)), value)
			}
		}
		if l.isGroup(key) {
			return l.setGroup(file, key+".", value, lines)
		}
	}
	return &Error{Where: at(file, name.Line), Key: oneLine(key), Problem: l.unknown(key, Setting.key)}
}

func (l *loader) isGroup(key string) bool {
	return slices.ContainsFunc(l.settings, func(s Setting) bool { return strings.HasPrefix(s.Key, key+".") })
}

// example is a line that could stand in a group.
func (l *loader) example(prefix string) string {
	for _, s := range l.settings {
		if name, ok := strings.CutPrefix(s.Key, prefix); ok && s.Type != typeList && s.Type != typeAccounts {
			value := s.Default()
			if s.Type == typeText {
				value = strconv.Quote(value)
			}
			return name + ": " + value
		}
	}
	return "name: value"
}

func at(file string, line int) string { return file + ":" + strconv.Itoa(line) }

// kubernetesOwn is what Kubernetes sets for a service that is called parley; it isn't meant for us.
var kubernetesOwn = regexp.MustCompile(`^PARLEY_(SERVICE|PORT)(_|$)`)

func (l *loader) loadEnv(env []string) error {
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || kubernetesOwn.MatchString(name) {
			continue
		}
		i := slices.IndexFunc(l.settings, func(s Setting) bool { return s.Env() == name })
		if i < 0 {
			return &Error{Where: oneLine(name), Problem: l.unknown(name, Setting.Env)}
		}
		if err := l.set(l.settings[i], "", name, written(value)); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) loadFlags(flags map[string]string) error {
	for name := range flags {
		if !slices.ContainsFunc(l.settings, func(s Setting) bool { return s.Key == name || s.Flag() == name }) {
			return &Error{Where: "--" + oneLine(name), Problem: l.unknown(name, Setting.Flag)}
		}
	}
	for _, s := range l.settings { // in the order of the table, so that of two errors the same one is told every time
		value, ok := flags[s.Key]
		if !ok {
			value, ok = flags[s.Flag()]
		}
		if !ok {
			continue
		}
		if err := l.set(s, "", "--"+s.Flag(), written(value)); err != nil {
			return err
		}
	}
	return nil
}

// set sets one setting. file is where line numbers count, "" outside of a file.
func (l *loader) set(s Setting, file, where string, value *yaml.Node) error {
	err := s.set(&l.config, value)
	if err == nil {
		l.where[s.Key] = where
		return nil
	}
	wrong := &Error{Where: where, Problem: err.Error() + "; write " + s.Help}
	if file != "" {
		wrong.Key = s.Key
	}
	var p *problem
	if errors.As(err, &p) {
		if file != "" && p.line > 0 {
			wrong.Where = at(file, p.line)
		}
		if p.full {
			wrong.Problem = p.text
		}
	}
	return wrong
}

// oneLine is a name that somebody wrote, short and printable.
func oneLine(name string) string { return strings.Trim(show(written(name)), `"`) }

func (s Setting) key() string { return s.Key }

// unknown says that there is no such setting, and which one may have been meant.
func (l *loader) unknown(name string, nameOf func(Setting) string) string {
	written := strings.TrimPrefix(name, envPrefix)
	best, distance := "", len(written)/3+2 // further away it would be a guess
	for _, s := range l.settings {
		switch d := edits(written, strings.TrimPrefix(nameOf(s), envPrefix)); {
		case strings.HasSuffix(nameOf(s), "."+name): // its group was left out
			best, distance = nameOf(s), 0
		case d < distance:
			best, distance = nameOf(s), d
		}
	}
	if best != "" {
		return "there is no such setting; did you mean " + best + "?"
	}
	var names []string
	for _, s := range l.settings {
		names = append(names, nameOf(s))
	}
	return "there is no such setting; there are " + strings.Join(names, ", ")
}

// edits is how many letters have to be changed, added or taken away to make b of a (the Levenshtein distance).
func edits(a, b string) int {
	if len(a) > 100 {
		return len(a) // nobody misspells a name by that much
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
