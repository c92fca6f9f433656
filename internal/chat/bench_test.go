package chat_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"parley/internal/chat"
)

// plain is a dialect whose frames are the text alone.
type plain struct{}

func (plain) AppendEvent(dst []byte, e *chat.Event) []byte   { return append(dst, e.Text...) }
func (plain) AppendSignal(dst []byte, s *chat.Signal) []byte { return append(dst, s.User.Name...) }
func (plain) AppendReply(dst []byte, r *chat.Reply) []byte   { return append(dst, byte(r.Kind)) }
func (plain) EchoesOwn() bool                                { return true }

// drain is a sink that takes everything; acks has a token for each reply.
type drain struct{ acks chan struct{} }

func (d drain) Write(frames []byte) bool {
	if d.acks != nil && len(frames) == 1 && frames[0] == byte(chat.ReplyAck) {
		d.acks <- struct{}{}
	}
	return true
}
func (drain) Close(int, string) {}

// BenchmarkBroadcast has one member of a room send, 64 messages under way; everything but the sockets is in it.
func BenchmarkBroadcast(b *testing.B) {
	for _, members := range []int{1, 100, 1000} {
		b.Run("members="+strconv.Itoa(members), func(b *testing.B) {
			h := hubOn(b, filepath.Join(b.TempDir(), "parley.db"), chat.Limits{}, 0)
			acks := make(chan struct{}, 64)
			var first *chat.Member
			for i := range members {
				var sink drain
				if i == 0 {
					sink.acks = acks
				}
				m := h.Connect(chat.User{ID: chat.UserID("u_" + strconv.Itoa(i)), Name: strconv.Itoa(i)}, "", plain{}, sink, false)
				if err := m.Do(b.Context(), &chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1}); err != nil {
					b.Fatal(err)
				}
				if first == nil {
					first = m
				}
				defer m.Close()
			}
			send := func(n int) {
				cmd := chat.Command{Kind: chat.CmdSend, ID: strconv.Itoa(n), Room: chat.Lobby, Text: "sixteen bytes of it"}
				if err := first.Do(b.Context(), &cmd); err != nil {
					b.Fatal(err)
				}
			}
			send(-1)
			<-acks // everybody is in
			b.ReportAllocs()
			b.ResetTimer()
			for n := range b.N {
				if n >= 64 {
					<-acks
				}
				send(n)
			}
			for range min(64, b.N) {
				<-acks
			}
		})
	}
}
