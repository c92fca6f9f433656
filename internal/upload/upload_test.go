package upload_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"parley/internal/store"
	"parley/internal/upload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// home is a data folder with its store and uploads.
type home struct {
	folder string
	store  *store.Store
	*upload.Uploads
}

func open(t *testing.T, limits upload.Limits) *home {
	t.Helper()
	h := &home{folder: t.TempDir()}
	var err error
	if h.store, err = store.Open(t.Context(), filepath.Join(h.folder, "parley.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.again(t, limits)
	return h
}

// again opens the uploads as a start does.
func (h *home) again(t *testing.T, limits upload.Limits) {
	t.Helper()
	var err error
	h.Uploads, err = upload.Open(t.Context(), upload.Options{Folder: filepath.Join(h.folder, "files"), Index: h.store, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
}

func (h *home) take(t *testing.T, name string, body []byte) upload.File {
	t.Helper()
	f, err := h.Take(t.Context(), upload.Taking{User: "u_ada", Name: name, Size: int64(len(body)), Body: bytes.NewReader(body)})
	if err != nil {
		t.Fatalf("taking %s: %v", name, err)
	}
	return f
}

func (h *home) bytes(t *testing.T, f upload.File, thumb bool) []byte {
	t.Helper()
	file, err := h.Bytes(&f, thumb)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// left are the paths of all files that there are.
func (h *home) left(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(h.folder, "files"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestWhatBreaksOffOrFailsLeavesNothing(t *testing.T) {
	h := open(t, upload.Limits{FileBytes: 1000})
	failure := errors.New("the network is gone")
	for name, taking := range map[string]upload.Taking{
		"too short": {Size: 100, Body: strings.NewReader("short")},
		"too long":  {Size: 3, Body: strings.NewReader("longer")},
		"broken":    {Size: 100, Body: io.MultiReader(strings.NewReader("some"), broken{failure})},
	} {
		taking.User, taking.Name = "u_ada", "x"
		_, err := h.Take(t.Context(), taking)
		if want := map[bool]error{true: failure, false: upload.ErrCut}[name == "broken"]; !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Take(t.Context(), upload.Taking{User: "u_ada", Name: "x", Size: 1, Body: strings.NewReader("x")}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("without an index: %v", err)
	}
	if left := h.left(t); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if stats := h.Stats(); stats.Files != 0 || stats.Bytes != 0 || stats.Waiting != 0 || stats.Taken != 0 {
		t.Errorf("counted are %+v", stats)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// A file that comes in a form says its own size at its end.
func TestFileThatComesInSomethingIsTakenToItsOwnEnd(t *testing.T) {
	h := open(t, upload.Limits{FileBytes: 1000})
	take := func(bytes, size int64, body io.Reader) (upload.File, error) {
		return h.Take(t.Context(), upload.Taking{User: "u_ada", Name: "a", Size: size, Around: 300, Body: io.LimitReader(body, bytes)})
	}
	for _, tt := range []struct {
		bytes, size int64
		body        io.Reader
		want        string // the code, "" for taken
	}{
		{1000, 1300, rand.Reader, ""},
		{800, 800, rand.Reader, ""},
		{1001, 1300, rand.Reader, upload.CodeTooLarge},
		{1001, 1301, rand.Reader, upload.CodeTooLarge}, // before anything is read
		{0, 200, rand.Reader, upload.CodeEmpty},
		{400, 800, rand.Reader, "cut"},
		{800, 800, iotest.ErrReader(io.ErrUnexpectedEOF), "cut"},
	} {
		f, err := take(tt.bytes, tt.size, tt.body)
		var refused *upload.Error
		got := ""
		switch {
		case errors.As(err, &refused):
			got = refused.Code
		case errors.Is(err, upload.ErrCut):
			got = "cut"
		case err != nil:
			t.Fatal(err)
		}
		if got != tt.want || got == "" && f.Size != tt.bytes {
			t.Errorf("%d bytes of %d: %q with %d bytes, want %q", tt.bytes, tt.size, got, f.Size, tt.want)
		}
	}
	if s := h.Stats(); s.Files != 2 || s.Bytes != 1800 {
		t.Errorf("there are %d files of %d bytes", s.Files, s.Bytes)
	}
}
