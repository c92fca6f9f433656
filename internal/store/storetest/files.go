package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/upload"
)

// FileStore is what the suite of files is about.
type FileStore interface {
	Store
	chat.Files
	upload.Index
}

// TestFiles holds a store against the obligations of [chat.Files] and [upload.Index], and of [chat.Log] as far as files go.
func TestFiles(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, FileStore)
	}{
		{"FileIsItsUploadersUntilItIsSent", testFileIsItsUploaders},
		{"FilesComeWithTheirMessage", testFilesComeWithTheirMessage},
		{"FileIsSentOnce", testFileIsSentOnce},
		{"FilesGoWithTheirMessage", testFilesGoWithTheirMessage},
		{"FilesOfOldAreDroppedOrEnd", testFilesOfOld},
		{"FilesAreCounted", testFilesAreCounted},
		{"KnownFilesAreThoseThatHaveToBeThere", testKnownFiles},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open.opened(t).(FileStore)) })
	}
	t.Run("FilesAreKeptWhenOpenedAgain", func(t *testing.T) { testFilesAreKept(t, open) })
}

// fileID is an id as the server gives them.
func fileID(n int) string { return fmt.Sprintf("%s%03d", strings.Repeat("A", 23), n) }

// added notes a file of a user.
func added(t *testing.T, s FileStore, user chat.User, n int) upload.File {
	t.Helper()
	f := upload.File{
		ID: fileID(n), User: string(user.ID), Name: fmt.Sprintf("cat %d.jpg", n), Type: "image/jpeg", Size: 1000 + int64(n), Width: 40, Height: 30,
		ThumbType: "image/png", ThumbSize: 10, Stored: noon,
	}
	if err := s.AddFile(t.Context(), f); err != nil {
		t.Fatalf("AddFile: %v", err)
	}
	return f
}

// told is a file as a message has it.
func told(f upload.File) chat.File {
	return chat.File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, Thumb: true}
}

func withFiles(e chat.Event, files ...upload.File) chat.Event {
	for _, f := range files {
		e.Files = append(e.Files, told(f))
	}
	return e
}

// isGone fails the test unless a file can't be had any more.
func isGone(t *testing.T, s FileStore, f upload.File) {
	t.Helper()
	if got, err := s.FileByID(t.Context(), f.ID); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("%s is %+v, %v", f.ID, got, err)
	}
}

// toRemove returns the ids of the files whose bytes are to be removed.
func toRemove(t *testing.T, s FileStore) []string {
	t.Helper()
	files, err := s.FilesToRemove(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range files {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

func hasToken(s FileStore) bool {
	select {
	case <-s.FilesDropped():
		return true
	default:
		return false
	}
}

func testFileIsItsUploaders(t *testing.T, s FileStore) {
	f, g := added(t, s, ada, 1), added(t, s, ada, 2)
	if err := s.AddFile(t.Context(), f); err == nil {
		t.Error("an id is taken twice")
	}
	got, err := s.FileByID(t.Context(), f.ID)
	if err != nil || got != f {
		t.Errorf("it is %+v, %v; want %+v", got, err, f)
	}
	unsent, err := s.Unsent(t.Context(), ada.ID, []string{g.ID, f.ID})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "Unsent", []chat.File{told(g), told(f)}, unsent)
	for _, ids := range [][]string{{f.ID, fileID(3)}, {""}} {
		if _, err := s.Unsent(t.Context(), ada.ID, ids); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("Unsent of %v: %v", ids, err)
		}
	}
	if _, err := s.Unsent(t.Context(), bob.ID, []string{f.ID}); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("another one's Unsent: %v", err)
	}
	if err := s.CancelFile(t.Context(), string(bob.ID), f.ID); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("another one takes it back: %v", err)
	}
	if hasToken(s) {
		t.Error("something is to be removed before anything was dropped")
	}
	if err := s.CancelFile(t.Context(), string(ada.ID), f.ID); err != nil || !hasToken(s) {
		t.Errorf("its uploader takes it back: %v", err)
	}
	isGone(t, s, f)
	same(t, "what is to be removed", []string{f.ID}, toRemove(t, s))
	if err := s.FilesRemoved(t.Context(), []string{f.ID, g.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FileByID(t.Context(), g.ID); err != nil || len(toRemove(t, s)) != 0 {
		t.Errorf("the other one: %v; to be removed yet: %v", err, toRemove(t, s))
	}
}

func testFilesComeWithTheirMessage(t *testing.T, s FileStore) {
	one, two, three := added(t, s, ada, 1), added(t, s, ada, 2), added(t, s, bob, 3)
	stored := appended(t, s, message(chat.Lobby, ada, "1", "none"), withFiles(message(chat.Lobby, ada, "2", ""), two, one),
		withFiles(message(chat.Lobby, bob, "3", "mine"), three))
	want := [][]chat.File{nil, {told(two), told(one)}, {told(three)}}
	for i, e := range whole(t, s, chat.Lobby) {
		same(t, "what Append returns", want[i], stored[i].Files)
		same(t, "by After", want[i], e.Files)
		same(t, "by Message", want[i], messageAt(t, s, chat.Lobby, e.Seq).Files)
	}
	page, err := s.Before(t.Context(), chat.Lobby, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range page {
		same(t, "by Before", want[i], page[i].Files)
	}
	if f, err := s.FileByID(t.Context(), one.ID); err != nil || f.Room != string(chat.Lobby) || f.Seq != 2 || f.User != string(ada.ID) {
		t.Errorf("it is %+v, %v", f, err)
	}
	if err := s.CancelFile(t.Context(), string(ada.ID), one.ID); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("taking back what was sent: %v", err)
	}
	appended(t, s, edit(chat.Lobby, ada, 2, "now with words"))
	same(t, "after an edit", want[1], messageAt(t, s, chat.Lobby, 2).Files)
}

func testFileIsSentOnce(t *testing.T, s FileStore) {
	mine, theirs := added(t, s, ada, 1), added(t, s, bob, 2)
	stored := appended(t, s, withFiles(message(chat.Lobby, ada, "1", "x"), mine, theirs))
	same(t, "the files of the first", []chat.File{told(mine)}, stored[0].Files)
	stored = appended(t, s, withFiles(message(chat.Lobby, ada, "1", "x"), mine, theirs), withFiles(message(chat.Lobby, ada, "2", "x"), mine))
	if !stored[0].Duplicate || stored[1].Duplicate || len(stored[1].Files) != 0 {
		t.Errorf("sent again it is %+v", stored)
	}
	stored = appended(t, s, withFiles(message("dev", ada, "3", "x"), mine))
	if len(stored[0].Files) != 0 || len(messageAt(t, s, "dev", 1).Files) != 0 {
		t.Errorf("in another room it is %+v", stored[0])
	}
	if _, err := s.Unsent(t.Context(), bob.ID, []string{theirs.ID}); err != nil {
		t.Errorf("what another one tried to send: %v", err)
	}
	same(t, "the files of the first, later", []chat.File{told(mine)}, messageAt(t, s, chat.Lobby, 1).Files)
}

func testFilesGoWithTheirMessage(t *testing.T, s FileStore) {
	one, two, kept := added(t, s, ada, 1), added(t, s, ada, 2), added(t, s, ada, 3)
	appended(t, s, withFiles(message(chat.Lobby, ada, "1", "x"), one, two), withFiles(message(chat.Lobby, ada, "2", "x"), kept))
	appended(t, s, withFiles(message("dev", ada, "3", "x"), added(t, s, ada, 4)))
	hasToken(s)
	appended(t, s, deletion(chat.Lobby, ada, 1))
	if !hasToken(s) {
		t.Error("nobody is told that there is something to remove")
	}
	isGone(t, s, one)
	isGone(t, s, two)
	same(t, "what is to be removed", []string{one.ID, two.ID}, toRemove(t, s))
	if e := messageAt(t, s, chat.Lobby, 1); len(e.Files) != 0 {
		t.Errorf("the deleted message has %+v", e.Files)
	}
	same(t, "of the other message", []chat.File{told(kept)}, messageAt(t, s, chat.Lobby, 2).Files)
	appended(t, s, deletion(chat.Lobby, ada, 1), deletion(chat.Lobby, ada, 99))
	if hasToken(s) {
		t.Error("deleting it again drops something")
	}
}

func testFilesOfOld(t *testing.T, s FileStore) {
	sent, unsent := added(t, s, ada, 1), added(t, s, ada, 2)
	appended(t, s, withFiles(message(chat.Lobby, ada, "1", "x"), sent))
	age := func(unsent, sent time.Time) {
		t.Helper()
		if err := s.AgeFiles(t.Context(), unsent, sent); err != nil {
			t.Fatal(err)
		}
	}
	age(noon, noon)
	age(noon.Add(time.Hour), time.Time{})
	isGone(t, s, unsent)
	same(t, "what was never sent", []string{unsent.ID}, toRemove(t, s))
	age(noon, noon.Add(time.Second))
	isGone(t, s, sent)
	same(t, "and what is too old", []string{sent.ID, unsent.ID}, toRemove(t, s))
	ended := told(sent)
	ended.Thumb, ended.Gone = false, true
	for range 2 {
		same(t, "the message has yet", []chat.File{ended}, messageAt(t, s, chat.Lobby, 1).Files)
		if err := s.FilesRemoved(t.Context(), []string{sent.ID, unsent.ID}); err != nil || len(toRemove(t, s)) != 0 {
			t.Fatalf("%v, and %v are to be removed", err, toRemove(t, s))
		}
	}
	appended(t, s, deletion(chat.Lobby, ada, 1))
	if ids := toRemove(t, s); len(ids) != 0 || len(messageAt(t, s, chat.Lobby, 1).Files) != 0 {
		t.Errorf("of a message that is deleted since, whose bytes are gone, %v are to be removed", ids)
	}
}

func testFilesAreCounted(t *testing.T, s FileStore) {
	for n := range 3 {
		added(t, s, ada, n)
	}
	added(t, s, bob, 3)
	count := func(wantOf, wantFiles, wantAll int64) {
		t.Helper()
		of, err := s.FilesOf(t.Context(), string(ada.ID))
		if err != nil || of != wantOf {
			t.Errorf("Ada's files take %d, %v; want %d", of, err, wantOf)
		}
		if files, all, err := s.AllFiles(t.Context()); err != nil || files != wantFiles || all != wantAll {
			t.Errorf("%d files take %d, %v; want %d and %d", files, all, err, wantFiles, wantAll)
		}
	}
	count(3*1010+3, 4, 4*1010+6)
	if err := s.CancelFile(t.Context(), string(ada.ID), fileID(0)); err != nil {
		t.Fatal(err)
	}
	count(2*1010+3, 4, 4*1010+6) // the disk has it yet
	if err := s.FilesRemoved(t.Context(), []string{fileID(0)}); err != nil {
		t.Fatal(err)
	}
	count(2*1010+3, 3, 3*1010+6)
}

func testKnownFiles(t *testing.T, s FileStore) {
	one, two, dropped := added(t, s, ada, 1), added(t, s, ada, 2), added(t, s, ada, 3)
	appended(t, s, withFiles(message(chat.Lobby, ada, "1", "x"), one))
	other := upload.File{ID: "AB" + one.ID[2:], User: "u_ada", Stored: noon}
	if err := s.AddFile(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := s.CancelFile(t.Context(), string(ada.ID), dropped.ID); err != nil {
		t.Fatal(err)
	}
	known := func(prefix string, want ...string) {
		t.Helper()
		got, err := s.KnownFiles(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		same(t, prefix, want, got)
	}
	known("AA", one.ID, two.ID, dropped.ID) // it is removed by the way that counts it
	known("AB", other.ID)
	known("AC")
	if err := s.FilesRemoved(t.Context(), []string{dropped.ID}); err != nil {
		t.Fatal(err)
	}
	known("AA", one.ID, two.ID)
}

func testFilesAreKept(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place).(FileStore)
	f := added(t, s, ada, 1)
	appended(t, s, withFiles(message(chat.Lobby, ada, "1", "x"), f))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.AddFile(context.Background(), upload.File{ID: fileID(2)}); err == nil {
		t.Error("a closed store takes a file")
	}
	s = open(t, place).(FileStore)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	same(t, "its message", []chat.File{told(f)}, messageAt(t, s, chat.Lobby, 1).Files)
	if got, err := s.FileByID(t.Context(), f.ID); err != nil || got.Seq != 1 || got.Name != f.Name || !got.Stored.Equal(noon) {
		t.Errorf("it is %+v, %v", got, err)
	}
}
