package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"parley/internal/chat"
)

// do gives a command and waits for its answer.
func (one *visit) do(ctx context.Context, cmd *chat.Command) (formAnswer, error) {
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.ask(ctx, cmd)
}

// rename gives who visits another name, which is not the core's to give.
func (one *visit) rename(ctx context.Context, names names, name string) error {
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.gone {
		return errVisitOver
	}
	if err := one.member.Charge(chat.CostMessage); err != nil {
		return err
	}
	user, err := names.Rename(ctx, one.member.User().ID, name)
	if err != nil {
		return err
	}
	one.member.Identify(user)
	return nil
}

var errVisitOver = chat.Errorf(chat.CodeForbidden, "You have been signed out of this room meanwhile. Open it again.")

// ask is do, for who holds one.mu.
func (one *visit) ask(ctx context.Context, cmd *chat.Command) (formAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, visitAnswer)
	defer cancel()
	if one.gone {
		return formAnswer{}, errVisitOver
	}
	one.asked++
	cmd.Ref = strconv.Itoa(one.asked)
	if err := one.member.Do(ctx, cmd); err != nil {
		return formAnswer{}, err
	}
	for {
		select {
		case answer := <-one.got:
			switch {
			case answer.Ref != cmd.Ref: // of one that was given up
			case answer.Code != "":
				refused := chat.Errorf(answer.Code, "%s", answer.Message)
				refused.Limit, refused.RetryAfter = answer.Limit, answer.RetryAfter
				return formAnswer{}, refused
			default:
				return answer, nil
			}
		case <-ctx.Done():
			return formAnswer{}, chat.Errorf(chat.CodeUnavailable, "The server did not answer in time. Look whether it is there before you try again.")
		}
	}
}

// formAnswer is what a form is answered by the core: what one of the replies says that forms ask for, or a refusal.
type formAnswer struct {
	Ref        string
	Seq        int64         `json:",omitempty"`
	Room       chat.RoomName `json:",omitempty"`
	Found      chat.Found
	Place      string        `json:",omitempty"`
	Profile    *chat.Profile `json:",omitempty"`
	Code       chat.Code     `json:",omitempty"`
	Message    string        `json:",omitempty"`
	Limit      string        `json:",omitempty"`
	RetryAfter time.Duration `json:",omitempty"`
	Removed    bool          `json:",omitempty"` // from Room
}

// formEncoder is the dialect of forms: they hear the answers to what they ask, and nothing of what others say.
type formEncoder struct{}

// AppendEvent is part of [chat.Encoder].
func (formEncoder) AppendEvent(dst []byte, _ *chat.Event) []byte { return dst }

// AppendSignal is part of [chat.Encoder].
func (formEncoder) AppendSignal(dst []byte, _ *chat.Signal) []byte { return dst }

// EchoesOwn is part of [chat.Encoder].
func (formEncoder) EchoesOwn() bool { return true }

// AppendReply is part of [chat.Encoder].
func (formEncoder) AppendReply(dst []byte, r *chat.Reply) []byte {
	if r.Ref == "" && r.Kind != chat.ReplyRemoval {
		return dst
	}
	answer := formAnswer{Ref: r.Ref, Seq: r.Seq, Room: r.Room, Found: r.Found, Place: r.Place, Profile: r.Profile}
	switch r.Kind {
	case chat.ReplyRemoval:
		answer.Removed = true
	case chat.ReplyError:
		answer.Code, answer.Message, answer.Limit, answer.RetryAfter = r.Err.Code, r.Err.Message, r.Err.Limit, r.Err.RetryAfter
	}
	line, err := json.Marshal(answer)
	if err != nil { // it is made of strings and numbers
		return dst
	}
	return append(append(dst, line...), '\n')
}

// formSink takes what the core writes to a visit.
type formSink struct {
	one    *visit
	visits *visits
	key    visited
}

// Write is part of [chat.Sink].
func (s *formSink) Write(frames []byte) bool {
	for line := range bytes.Lines(frames) {
		var answer formAnswer
		if json.Unmarshal(line, &answer) != nil {
			continue
		}
		if answer.Removed { // which nobody asked for
			if answer.Room == s.key.room {
				s.Close(0, "") // who is invited again begins anew
			}
			continue
		}
		select {
		case s.one.got <- answer:
		default: // nobody waits for it
		}
	}
	return true
}

// Close is part of [chat.Sink]: the session has ended, or its user was sent out. It doesn't wait.
func (s *formSink) Close(code int, _ string) {
	s.visits.mu.Lock()
	defer s.visits.mu.Unlock()
	if code == chat.CloseRemoved {
		s.visits.removed[s.key.session] = time.Now()
	}
	if !s.visits.closed {
		s.visits.ending.Go(func() { s.visits.end(s.key, s.one) })
	}
}
