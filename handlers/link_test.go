package handlers

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
)

// modules are a script and what it leads to. Both ways lead to the counter, of which there must be one.
func modules() fstest.MapFS {
	return fstest.MapFS{
		"js/page.js": {Data: []byte(`// A page.
import { count, Counter as Sum } from "./lib/counter.js";
import "./lib/twice.js";
import {} from "./lib/empty.js";

const name = "page";
console.log(name, count(), new Sum().name);
`)},
		"js/lib/twice.js": {Data: []byte(`import { count } from "./counter.js";
const name = "twice";
console.log(name, count(), count());
`)},
		"js/lib/counter.js": {Data: []byte(`/**
 * Counts.
 */
const name = "counter";
let n = 0;
export function count() {
  return ++n;
}
export class Counter {
  name = name;
}
export const unused = 1;
export async function later() {}
`)},
		"js/lib/empty.js": {Data: []byte("console.log(\"empty\");\n")},
	}
}

func TestLinkedScriptDoesWhatItsModulesDo(t *testing.T) {
	script, err := forTheWire(modules(), "js/page.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/page.mjs"
	if err := os.WriteFile(file, script, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "node", file).CombinedOutput()
	if want := "twice 1 2\nempty\npage 3 counter\n"; err != nil || string(out) != want {
		t.Errorf("it says %q, %v; want %q\n%s", out, err, want, script)
	}
}

func TestLinkedScriptImportsOthersWhenItNeedsThem(t *testing.T) {
	files := modules()
	files["js/other.js"] = &fstest.MapFile{Data: []byte(`import { count } from "./lib/counter.js";
export const one = count;
export class Two {
  three = 3;
}
`)}
	files["js/page.js"] = &fstest.MapFile{Data: []byte("import \"./lib/later.js\";\n")}
	files["js/lib/later.js"] = &fstest.MapFile{Data: []byte(`async function ask() {
  const { one, Two } = await import("../other.js"); // not {import("../other.js")}
  console.log(one(), new Two().three);
}
ask();
`)}
	folder := t.TempDir()
	for _, name := range []string{"page", "other"} {
		script, err := forTheWire(files, "js/"+name+".js", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(folder+"/"+name+".js", script, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(folder+"/package.json", []byte(`{"type":"module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "node", folder+"/page.js").CombinedOutput()
	if want := "1 3\n"; err != nil || string(out) != want {
		t.Errorf("it says %q, %v; want %q", out, err, want)
	}
}

func TestWhatCannotBeLinkedStopsTheStart(t *testing.T) {
	for name, line := range map[string]string{
		"default import":     `import page from "./lib/empty.js";`,
		"all of a module":    `import * as all from "./lib/empty.js";`,
		"more lines":         "import {\n  count,\n} from \"./lib/counter.js\";",
		"another package":    `import { a } from "package";`,
		"a missing file":     `import { a } from "./lib/gone.js";`,
		"a circle":           `import "./page.js";`,
		"a default export":   `export default 1;`,
		"a changing export":  `export let a = 1;`,
		"an export of names": `export { a };`,
		"a part, later":      `const { a } = await import("./lib/empty.js");`,
		"nothing, later":     `const { a } = await import("./gone.js");`,
	} {
		files := modules()
		files["js/page.js"] = &fstest.MapFile{Data: []byte(line + "\n")}
		if script, err := forTheWire(files, "js/page.js", nil); err == nil || !strings.Contains(err.Error(), "js/") {
			t.Errorf("%s: %v\n%s", name, err, script)
		}
	}
}
