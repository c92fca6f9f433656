package chat_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"parley/internal/chat"
	"parley/internal/wire"
)

// acked is a sink that takes everything, and has a token for each write with an ack in it.
type acked struct{ acks chan struct{} }

func (s acked) Write(frames []byte) bool {
	if bytes.Contains(frames, []byte(`"type":"ack"`)) {
		s.acks <- struct{}{}
	}
	return true
}
func (acked) Close(int, string) {}

// joinAll has members come into the lobby, many at a time: each waits for the disk.
func joinAll(t *testing.T, members []*chat.Member) {
	t.Helper()
	const doors = 256
	var wg sync.WaitGroup
	for door := range doors {
		wg.Go(func() {
			for i := door; i < len(members); i += doors {
				if err := members[i].Do(t.Context(), &chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// populate has so many members in the lobby besides Ada, and returns them all, Ada first, when they are in.
func populate(t *testing.T, h *chat.Hub, members int) []*chat.Member {
	t.Helper()
	all := make([]*chat.Member, 1+members)
	for i := range members {
		n := strconv.Itoa(i)
		all[1+i] = h.Connect(chat.User{ID: chat.UserID("u_0123456789" + n), Name: "Member " + n}, "", wire.JSON.Encoder(), void{}, false)
	}
	joinAll(t, all[1:])
	acks := make(chan struct{}, 1)
	all[0] = h.Connect(ada, "", wire.JSON.Encoder(), acked{acks}, false)
	do(t, all[0], chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
	do(t, all[0], chat.Command{Kind: chat.CmdSend, Text: "everybody before is in"})
	<-acks
	return all
}

func TestTellingAThousandAllocatesNoMoreThanTellingTen(t *testing.T) {
	perPost := func(members int) float64 {
		h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
		all := populate(t, h, members)
		acks := make(chan struct{}, 1)
		sender := h.Connect(bob, "", wire.JSON.Encoder(), acked{acks}, false)
		all = append(all, sender)
		do(t, sender, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		n := 0
		allocs := testing.AllocsPerRun(200, func() {
			n++
			do(t, sender, chat.Command{Kind: chat.CmdSend, ID: strconv.Itoa(n), Text: "hi"})
			<-acks
		})
		for _, m := range all {
			m.Close()
		}
		return allocs
	}
	ten, thousand := perPost(10), perPost(1000)
	t.Logf("allocations of a post, storing included: %v to 10 members, %v to 1,000", ten, thousand)
	if thousand > ten+300 { // one for each would be 990 more; the store's own work in the background is some tens
		t.Errorf("a post to 10 members allocates %v times, one to 1,000 members %v times", ten, thousand)
	}
}

func TestMemberOfARoomCostsTheCoreFewBytes(t *testing.T) {
	const members, most = 5000, 700 // bytes
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{Messages: 5, Burst: 20, Commands: 20, CommandsBurst: 100}, 0)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	users := make([]chat.User, members) // whoever reads them from the database has them anyway
	for i := range users {
		users[i] = chat.User{ID: chat.UserID(fmt.Sprintf("u_%016d", i)), Name: fmt.Sprintf("Member %d", i)}
	}
	in := newInbox()
	last := h.Connect(ada, "", lines{echoes: true}, in, false)
	defer last.Close()
	before := heap()
	all := make([]*chat.Member, members)
	for i := range all {
		all[i] = h.Connect(users[i], "", wire.JSON.Encoder(), void{}, false)
	}
	joinAll(t, all)
	do(t, last, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	each := float64(heap()-before) / members
	t.Logf("%.0f bytes for each member", each)
	if each > most {
		t.Errorf("a member costs %.0f bytes; %d are allowed", each, most)
	}
	for _, m := range all {
		m.Leave()
		m.Close()
	}
	runtime.KeepAlive(users)
}
