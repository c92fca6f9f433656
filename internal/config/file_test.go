package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// shipped is config.yaml as it is embedded in the program.
var shipped = filepath.Join("..", "..", "config.yaml")

func TestShippedFileSaysTheDefaults(t *testing.T) {
	got, err := Load(Sources{File: shipped})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("config.yaml isn't Default() (-default +file):\n%s", diff)
	}
}

func TestShippedFileHasEverySettingWithAComment(t *testing.T) {
	content, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		t.Fatal(err)
	}
	var keys []string
	var walk func(prefix string, group *yaml.Node)
	walk = func(prefix string, group *yaml.Node) {
		for i := 0; i < len(group.Content); i += 2 {
			name, value := group.Content[i], group.Content[i+1]
			if value.Kind == yaml.MappingNode {
				walk(prefix+name.Value+".", value)
				continue
			}
			keys = append(keys, prefix+name.Value)
			if name.HeadComment == "" {
				t.Errorf("line %d: %s has no comment", name.Line, name.Value)
			}
			if limit := value.Tag == "!!int" || strings.HasSuffix(value.Value, "s"); limit && !strings.Contains(name.HeadComment, "0 is") {
				t.Errorf("line %d: the comment of %s doesn't say what 0 is", name.Line, name.Value)
			}
		}
	}
	walk("", doc.Content[0])
	var want []string
	for _, s := range Settings() {
		want = append(want, s.Key)
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("config.yaml has other settings, or another order, than the table (-table +file):\n%s", diff)
	}
}

func TestFileInTheWorkingFolderIsUsed(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	if c, err := Load(Sources{}); err != nil || !cmp.Equal(c, Default()) {
		t.Errorf("without a file: %+v, %v; want the defaults", c, err)
	}
	write(t, filepath.Join(folder, "config.yaml"), "name: \"Treehouse\"\n")
	if c, err := Load(Sources{}); err != nil || c.Name != "Treehouse" {
		t.Errorf("with config.yaml: name %q, %v; want Treehouse", c.Name, err)
	}
	other := filepath.Join(folder, "other.yaml")
	write(t, other, "listen: \":4000\"\n")
	if c, err := Load(Sources{File: other}); err != nil || c.Name != "" || c.Listen != ":4000" {
		t.Errorf("with --config: name %q, listen %q, %v; want only what the named file says", c.Name, c.Listen, err)
	}
}

func TestFileThatIsNamedMustBeThere(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"missing.yaml", "."} {
		_, err := Load(Sources{File: name})
		if err == nil || !strings.HasPrefix(err.Error(), name+": the settings can't be read: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileMayLeaveOutWhatItDoesNotChange(t *testing.T) {
	for _, content := range []string{"", "# nothing\n", "---\n", "limits:\n  # rooms: 3\n", "{}"} {
		got, err := parse(content)
		if err != nil || !cmp.Equal(got, Default()) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestFileMayUseAnchorsAndPointedNames(t *testing.T) {
	got, err := parse("limits.rooms: &few 3\nlimits: {connections: *few}\n")
	if err != nil || got.Limits.Rooms != 3 || got.Limits.Connections != 3 {
		t.Errorf("%+v, %v", got.Limits, err)
	}
}

// parse is what a file with this content gives, as FILE.
func parse(content string) (Config, error) {
	l := newLoader()
	err := l.parse("FILE", []byte(content))
	if err == nil {
		err = l.validate()
	}
	return l.config, err
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
