package chat_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/upload"
)

// hubWithFiles is a hub on which files can be sent, and a way to have uploaded one.
func hubWithFiles(t *testing.T) (h *chat.Hub, uploaded func(user chat.User, n int) string) {
	t.Helper()
	h, s := hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(s *store.Store, o *chat.Options) { o.Files = s })
	return h, func(user chat.User, n int) string {
		t.Helper()
		f := upload.File{ID: fmt.Sprintf("%s%03d", strings.Repeat("A", 23), n), User: string(user.ID), Name: strings.Repeat("n", 200), Size: 1, Stored: time.Now()}
		if err := s.AddFile(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		return f.ID
	}
}

func TestOnlyFilesThatOneHasUploadedAreSent(t *testing.T) {
	h, uploaded := hubWithFiles(t)
	a, inA := enter(t, h, ada)
	mine, theirs := uploaded(ada, 1), uploaded(bob, 2)
	many := make([]string, chat.FilesMost+1)
	for i := range many {
		many[i] = uploaded(ada, 10+i)
	}
	for _, tt := range []struct {
		files []string
		code  chat.Code
	}{
		{[]string{theirs}, chat.CodeNotFound},
		{[]string{mine, theirs}, chat.CodeNotFound},
		{[]string{"AAAAAAAAAAAAAAAAAAAAAAAAAA"}, chat.CodeNotFound},
		{[]string{"../../parley.db"}, chat.CodeNotFound},
		{[]string{mine, mine}, chat.CodeBadRequest},
		{many, chat.CodeBadRequest},
		{nil, chat.CodeEmpty},
	} {
		refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: " ", Files: tt.files}, tt.code)
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: strings.Repeat("x", 10), Files: []string{theirs}, ID: "1"}, chat.CodeNotFound)
	if n := h.Stats().Stored; n != 0 {
		t.Errorf("%d messages were stored", n)
	}
	do(t, a, chat.Command{Kind: chat.CmdSend, ID: "1", Text: " ", Files: []string{mine}})
	e := inA.read(t, func(l line) bool { return l.Event != nil }).Event
	if e.Text != "" || len(e.Files) != 1 || e.Files[0].ID != mine {
		t.Errorf("sent was %+v", e)
	}
	first := inA.read(t, isReply(chat.ReplyAck)).Reply
	do(t, a, chat.Command{Kind: chat.CmdSend, ID: "1", Text: " ", Files: []string{mine}}) // after a cut
	if again := inA.read(t, isReply(chat.ReplyAck)).Reply; again.Seq != first.Seq {
		t.Errorf("sent again it is acknowledged with %d, not %d", again.Seq, first.Seq)
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, ID: "2", Text: "x", Files: []string{mine}}, chat.CodeNotFound)
	do(t, a, chat.Command{Kind: chat.CmdSend, ID: "3", Text: "ten", Files: many[1:]})
	if e := inA.read(t, isText("ten")).Event; len(e.Files) != chat.FilesMost {
		t.Errorf("sent were %+v", e.Files)
	}
}

func TestHubWithoutFilesRefusesThem(t *testing.T) {
	a, _ := enter(t, newHub(t), ada)
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: "x", Files: []string{"A"}}, chat.CodeNotFound)
}

// What is told of many files is megabytes as well.
func TestFilesCountInAnswersAsText(t *testing.T) {
	h, uploaded := hubWithFiles(t)
	a, inA := enter(t, h, ada)
	for i := range 70 {
		var files []string
		for k := range chat.FilesMost {
			files = append(files, uploaded(ada, chat.FilesMost*i+k))
		}
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: fmt.Sprint(i), Files: files})
	}
	inA.read(t, isText("69"))
	for since, truncated := range map[int64]bool{0: true, 60: false} {
		do(t, a, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: since})
		if r := inA.read(t, isReply(chat.ReplyJoined)).Reply; r.Truncated != truncated || len(r.Messages) == 0 || len(r.Messages[0].Files) != chat.FilesMost {
			t.Errorf("since %d: %d messages, truncated %v", since, len(r.Messages), r.Truncated)
		}
	}
	do(t, a, chat.Command{Kind: chat.CmdHistory, Room: chat.Lobby, Limit: chat.HistoryMost})
	if r := inA.read(t, isReply(chat.ReplyHistory)).Reply; !r.More || len(r.Messages) < 40 || len(r.Messages) > 60 {
		t.Errorf("history has %d messages, and more: %v", len(r.Messages), r.More)
	}
}
