package wire

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// The examples are every frame of the surface with what it means. docs/protocol.md shows the same frames, and testdata/examples
// holds them for the page's tests; run this package's tests with -update to write that folder anew.

var update = flag.Bool("update", false, "write testdata/examples anew")

const docs = "../../docs/protocol.md"

var (
	groot = chat.User{ID: "u_groot", Name: "Groot"}
	ada   = chat.User{ID: "u_ada", Name: "Ada"}
	bob   = chat.User{ID: "u_bob", Name: "Bob"}

	at      = time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
	private = chat.Direct(ada.ID, bob.ID)
)

// encode appends the frames that tell something.
func encode(enc chat.Encoder, dst []byte, tells any) []byte {
	switch v := tells.(type) {
	case *chat.Event:
		return enc.AppendEvent(dst, v)
	case *chat.Signal:
		return enc.AppendSignal(dst, v)
	case *chat.Reply:
		return enc.AppendReply(dst, v)
	default:
		panic("not something that is told")
	}
}

func TestExamplesOfClientsAreUnderstood(t *testing.T) {
	for _, e := range clientExamples {
		t.Run(e.dialect.Name()+" "+e.frame, func(t *testing.T) {
			decode := e.dialect.Decode
			if e.first {
				decode = func(frame []byte) (chat.Command, *chat.Error) { return DecodeFirst(e.dialect, frame) }
			}
			got, err := decode([]byte(e.frame))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e.command, got); diff != "" {
				t.Errorf("the command differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExamplesOfTheServerAreWritten(t *testing.T) {
	for _, e := range serverExamples {
		t.Run(e.dialect.Name()+" "+e.frame, func(t *testing.T) {
			got := texts(t, encode(e.dialect.Encoder(), nil, e.tells))
			if diff := cmp.Diff([]string{e.frame}, got); diff != "" {
				t.Errorf("the frames differ (-want +got):\n%s", diff)
			}
		})
	}
}

// examples returns the frames of all examples by dialect and side, as docs/protocol.md names them.
func examples() map[string][]string {
	found := map[string][]string{}
	for _, e := range clientExamples {
		found[e.dialect.Name()+"-client"] = append(found[e.dialect.Name()+"-client"], e.frame)
	}
	for _, e := range serverExamples {
		found[e.dialect.Name()+"-server"] = append(found[e.dialect.Name()+"-server"], e.frame)
	}
	return found
}

func TestDocsShowTheExamplesAndNoOthers(t *testing.T) {
	page, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string][]string{}
	block := "" // the examples that we are in
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSuffix(line, "\n")
		if info, fence := strings.CutPrefix(line, "```"); fence {
			_, block, _ = strings.Cut(info, " ")
		} else if block != "" {
			shown[block] = append(shown[block], line)
		}
	}
	want := examples()
	for _, m := range []map[string][]string{want, shown} {
		for _, frames := range m {
			slices.Sort(frames)
		}
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("docs/protocol.md and the examples differ (-examples +docs):\n%s", diff)
	}
}

func TestExampleFilesAreUpToDate(t *testing.T) {
	for name, frames := range examples() {
		path := filepath.Join("testdata", "examples", name+".txt")
		want := strings.Join(frames, "\n") + "\n"
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is old; run go test ./internal/wire -update (-want +got):\n%s", path, diff)
		}
	}
}
