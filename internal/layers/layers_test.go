// Package layers holds the import walls: which package of the program may import which. It has tests only.
//
// A package that isn't in the table fails, and so does an import that its row doesn't name. Both are settled here first, on purpose,
// and then in docs/architecture.md.
package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "parley"

// row is a package's place: its level, which no import goes up from, and what it may import.
type row struct {
	level   int
	imports string // of our own packages, without internal/
	others  bool   // may import packages of other modules
}

// Levels, from the bottom.
const (
	core = iota
	codecs
	conversations
	web
	commands
	program
)

// table is the house. The rows that may not import other modules are those that anyone should be able to read with the standard
// library in mind alone.
var table = map[string]row{
	"chat":    {core, "", false},
	"account": {core, "", true},
	"upload":  {core, "", true},
	"config":  {core, "", true},
	"lan":     {core, "", true},

	"wire":  {codecs, "chat", true},
	"store": {codecs, "chat account upload", true},
	"relay": {codecs, "chat", true},
	"conn":  {codecs, "", true},

	"session": {conversations, "chat wire", false},
	"client":  {conversations, "wire", true},

	"handlers": {web, "chat account upload wire session conn lan config", true},
	"load":     {web, "wire client", true},

	"cli": {commands, "chat account upload config lan wire store relay session conn client load handlers", true},

	".": {program, "cli", false},

	// Only tests import these. A suite imports what it holds implementations to.
	"store/storetest": {conversations, "chat account upload store", true},
	"relay/relaytest": {conversations, "chat relay", true},
	"load/peers":      {program, "load", true},
	"e2e":             {program, "", true},
	"layers":          {program, "", false},
}

// walled are other modules that one package alone may import.
var walled = map[string]string{
	"github.com/gofiber/":      "handlers",
	"github.com/valyala/":      "handlers",
	"github.com/prometheus/":   "handlers",
	"github.com/alecthomas/":   "cli",
	"go.yaml.in/":              "config",
	"rsc.io/qr":                "lan",
	"modernc.org/sqlite":       "store",
	"github.com/pressly/goose": "store",
}

// pkg is what go list tells of a package. None of it is of its tests.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string // with those of its imports
}

func TestPackagesImportOnlyWhatTheirRowNames(t *testing.T) {
	for _, p := range list(t, "./...") {
		name := short(p.ImportPath)
		if _, ok := table[name]; !ok {
			t.Errorf("%s is not in the table: enter its level and what it may import", name)
			continue
		}
		for _, path := range p.Imports {
			if complaint := judge(name, path); complaint != "" {
				t.Error(complaint)
			}
		}
	}
}

// judge says what is wrong with an import, "" if it may be.
func judge(name, path string) string {
	place := table[name]
	if isOurs(path) {
		imported := short(path)
		if !slices.Contains(strings.Fields(place.imports), imported) {
			return fmt.Sprintf("%s imports %s; its row allows: %s", name, imported, orNothing(place.imports))
		}
		return ""
	}
	if isStandard(path) {
		return ""
	}
	if !place.others {
		return fmt.Sprintf("%s imports %s; its row allows the standard library only", name, path)
	}
	for prefix, only := range walled {
		if strings.HasPrefix(path, prefix) && name != only && !strings.HasPrefix(name, only+"/") {
			return fmt.Sprintf("%s imports %s; only %s may", name, path, only)
		}
	}
	return ""
}

func TestNothingBelowTheWebReachesFiber(t *testing.T) {
	for _, p := range list(t, "./...") {
		if table[short(p.ImportPath)].level >= web {
			continue
		}
		for _, path := range p.Deps {
			if strings.HasPrefix(path, "github.com/gofiber/fiber") {
				t.Errorf("%s reaches %s", short(p.ImportPath), path)
			}
		}
	}
}

func TestTheTableHasNoArrowUpwards(t *testing.T) {
	for name, place := range table {
		for imported := range strings.FieldsSeq(place.imports) {
			below, ok := table[imported]
			switch {
			case !ok:
				t.Errorf("%s may import %s, which is not in the table", name, imported)
			case below.level >= place.level:
				t.Errorf("%s may import %s, which is not below it", name, imported)
			}
		}
	}
}

func TestWallsHold(t *testing.T) {
	for _, c := range []struct {
		name, path string
		allowed    bool
	}{
		{"chat", "strings", true},
		{"chat", "golang.org/x/time/rate", false},
		{"chat", "parley/internal/wire", false},
		{"wire", "parley/internal/chat", true},
		{"store", "github.com/gofiber/fiber/v2", false},
		{"handlers", "github.com/gofiber/fiber/v2", true},
		{"handlers", "parley/internal/store", false},
		{"client", "parley/internal/wire", true},
		{".", "parley/handlers", false},
		{".", "parley/internal/cli", true},
	} {
		if complaint := judge(c.name, c.path); (complaint == "") != c.allowed {
			t.Errorf("%s imports %s: allowed %v, but %q", c.name, c.path, c.allowed, complaint)
		}
	}
}

func isOurs(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// isStandard reports whether a path belongs to the standard library: its first part has no point.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// short is a package's name in the table.
func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, module+"/"), "internal/")
}

func orNothing(imports string) string {
	if imports == "" {
		return "nothing of ours"
	}
	return imports
}

// list runs go list in the program's folder.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, problems.Bytes())
	}
	var found []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, p)
	}
}
