package store

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"parley/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openAt(t *testing.T, place string) storetest.Store {
	t.Helper()
	return opened(t, filepath.Join(place, "parley.db"))
}

// opened returns a store that the caller closes.
func opened(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fresh returns a new store that is closed when the test ends.
func fresh(t testing.TB) *Store {
	t.Helper()
	s := opened(t, filepath.Join(t.TempDir(), "parley.db"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestLog(t *testing.T)   { storetest.TestLog(t, openAt) }
func TestShelf(t *testing.T) { storetest.TestShelf(t, openAt) }
