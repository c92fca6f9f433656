package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/upload"
)

// What a chat leaves behind by itself is never taken for damage, and a message that something else took away is.
func TestInspectionFindsWhatStandsBesideMissingMessages(t *testing.T) {
	for table, take := range map[string]string{
		"":          `SELECT 1`,
		"reactions": `DELETE FROM pins; DELETE FROM mentions; DELETE FROM files`,
		"pins":      `DELETE FROM reactions; DELETE FROM mentions; DELETE FROM files`,
		"mentions":  `DELETE FROM reactions; DELETE FROM pins; DELETE FROM files`,
		"files":     `DELETE FROM reactions; DELETE FROM pins; DELETE FROM mentions`,
	} {
		t.Run(table, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "parley.db")
			s := opened(t, path)
			for n := range 3 {
				f := upload.File{ID: fmt.Sprintf("file-%d", n), User: "u_ada", Name: "cat.jpg", Type: "image/jpeg", Size: 1, Stored: time.UnixMilli(1)}
				if err := s.AddFile(t.Context(), f); err != nil {
					t.Fatal(err)
				}
				e := said("look, @Bob")
				e[0].Mentions = &chat.Mentions{Users: []chat.Mention{{User: "u_bob", Name: "Bob"}}}
				if n < 2 { // the third is never sent
					e[0].Files = []chat.File{{ID: f.ID}}
				}
				store(t, s, e...)
			}
			for _, of := range []int64{1, 2} {
				react, pin := said("")[0], said("")[0]
				react.Kind, react.Of, react.Emoji, react.On = chat.KindReaction, of, "👍", true
				pin.Kind, pin.Of, pin.On = chat.KindPin, of, true
				store(t, s, react, pin)
			}
			remove := said("")
			remove[0].Kind, remove[0].Of = chat.KindDelete, 1
			store(t, s, remove...)
			want := 0
			if table != "" {
				want = 1
				exec(t, s, take)
				exec(t, s, `DELETE FROM events WHERE seq = 2`)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			found, err := Inspect(t.Context(), path)
			if err != nil || found.Strays != want || len(found.Damage) > 0 {
				t.Errorf("%d rows beside missing messages, not %d; damage %q (%v)", found.Strays, want, found.Damage, err)
			}
			if table == "" && (found.Orphans > 0 || len(found.Gaps) > 0) {
				t.Errorf("%d orphans, gaps %v", found.Orphans, found.Gaps)
			}
		})
	}
}
