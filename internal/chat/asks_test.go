package chat_test

import (
	"path/filepath"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestTheSameAskedForAgainAndAgainIsAnsweredTwiceAtOnce(t *testing.T) {
	for _, of := range []struct {
		name    string
		ask     chat.Command
		answer  chat.ReplyKind
		answers int // of five
	}{
		{"joins from the beginning", chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1}, chat.ReplyJoined, 2},
		{"joins from a seq", chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: 0}, chat.ReplyJoined, 5},
		{"lists of members", chat.Command{Kind: chat.CmdMembers, Room: chat.Lobby}, chat.ReplyMembers, 2},
	} {
		t.Run(of.name, func(t *testing.T) {
			log := &held{asked: make(chan struct{}, 10), let: make(chan struct{})}
			h, _ := hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(s *store.Store, o *chat.Options) {
				log.Store, o.Log, o.Limits = s, log, chat.Limits{Commands: 1000, CommandsBurst: 1000}
			})
			in := newInbox()
			m := h.Connect(ada, "", lines{echoes: true}, in, false)
			t.Cleanup(m.Close)
			do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
			<-log.asked // that join is under way by itself; what comes now waits until it is answered, and is handled as one batch
			for range 5 {
				do(t, m, of.ask)
			}
			close(log.let)
			in.read(t, isReply(chat.ReplyJoined))
			answers, refusals := 0, 0
			for range 5 {
				switch got := in.read(t, func(l line) bool { return l.Reply != nil }).Reply; got.Kind {
				case of.answer:
					answers++
				case chat.ReplyError:
					if got.Err.Code != chat.CodeRateLimited || got.Err.RetryAfter != time.Second || got.Of != of.ask.Kind {
						t.Errorf("refused with %+v", got.Err)
					}
					refusals++
				}
			}
			if answers != of.answers || refusals != 5-of.answers {
				t.Errorf("%d answers and %d refusals, want %d answers of 5", answers, refusals, of.answers)
			}
		})
	}
}
