package load

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"
)

// Opening says which members to open.
type Opening struct {
	Members int
	Room    string             // "" is the run's
	Rooms   func(i int) string // of each, instead of Room
	Handler Handler            // nil is [Quiet]
	Order   *Order             // checks what they get; nil for none
	Dialect string             // "" is the run's
	Query   string             // more of the address, like since=41
	Alone   bool               // doesn't wait until messages reach them
	Rough   bool               // connections may end and be refused things: that is part of the run, and the handler is told
}

// Open opens members and waits until messages reach all of them, so that nothing that is said later may be missing.
func (b *Bench) Open(ctx context.Context, o Opening) ([]*Member, error) {
	var opened []*Member
	b.Do(func() {
		for i := range o.Members {
			if o.Rooms != nil {
				o.Room = o.Rooms(i)
			}
			opened = append(opened, b.add(o))
		}
	})
	if err := b.wait(ctx, opened); err != nil || o.Alone {
		return opened, err
	}
	return opened, b.reach(ctx, opened)
}

// Speakers are the members who may speak. In rpc, which shows nobody what they said, one of them only listens: what that one sees is the
// order that all others are held to.
func (b *Bench) Speakers(members []*Member) []*Member {
	if b.speaker.echoes() {
		return members
	}
	return members[:len(members)-1]
}

// enough says why so many members can't be.
func (b *Bench) enough(members int) error {
	if !b.speaker.echoes() && members < 2 {
		return errors.New("in rpc nobody sees their own messages: --clients is at least 2")
	}
	return b.enoughFiles(members)
}

// add makes a member and lets it be dialled.
func (b *Bench) add(o Opening) *Member {
	m := b.newMember(o)
	b.Dial(m)
	return m
}

// newMember makes a member that has no connection yet.
func (b *Bench) newMember(o Opening) *Member {
	m := &Member{
		Index: len(b.members), Room: o.Room, Query: o.Query,
		b: b, handler: o.Handler, speak: b.speaker, order: o.Order, link: noLink{}, rough: o.Rough,
	}
	m.Name = fmt.Sprintf("b%s-%d", b.run, m.Index+1)
	if m.Room == "" {
		m.Room = b.Room
	}
	if m.handler == nil {
		m.handler = Quiet{}
	}
	if o.Order != nil {
		m.seat = len(o.Order.of)
		o.Order.of = append(o.Order.of, m)
	}
	b.members = append(b.members, m)
	if o.Dialect != "" {
		m.speak = newSpeaker(b, o.Dialect)
	}
	return m
}

// Dial opens a member, or opens it again where it has ended, as soon as fewer than --dials are on their way.
func (b *Bench) Dial(m *Member) {
	if b.over {
		return
	}
	m.stage, m.rest, m.parts, m.leaving, m.link, m.begun = connecting, nil, nil, false, noLink{}, time.Time{}
	b.waiting = append(b.waiting, m)
	b.dialMore()
}

func (b *Bench) dialMore() {
	for len(b.waiting) > 0 && b.dialing < b.Dials {
		m := b.waiting[0]
		b.waiting = b.waiting[1:]
		b.dialing++
		m.begun = time.Now()
		if b.poll != nil && b.tls == nil {
			b.poll.dial(m)
		} else {
			b.converse(m)
		}
	}
}

// cameIn notes that a member's handshake is done.
func (b *Bench) cameIn(m *Member) {
	b.dialing--
	b.opened++
	b.live++
	if b.Hello != "" {
		m.Send([]byte(strings.ReplaceAll(b.Hello, "%s", m.Name)))
	}
	m.handler.Opened(m)
	b.dialMore()
}

// notOpened notes that a connection could not be opened.
func (b *Bench) notOpened(m *Member, err error) {
	if b.failed == nil {
		b.failed = fmt.Errorf("connection %d could not be opened: %w", m.Index+1, err)
	}
}

// wait waits until members are open, and returns the error of one that can't be.
func (b *Bench) wait(ctx context.Context, members []*Member) (err error) {
	left := members
	for {
		in := b.Until(ctx, time.Second, func() bool {
			for len(left) > 0 && left[0].stage >= open {
				left = left[1:]
			}
			if err = b.failed; err == nil && len(left) > 0 && left[0].late() {
				err = fmt.Errorf("connection %d has no answer to its handshake after %.0f s", left[0].Index+1, handshakeTime.Seconds())
			}
			return len(left) == 0 || err != nil
		})
		b.progress("%d of %d connections are open", len(members)-len(left), len(members))
		switch {
		case err != nil:
			return err
		case in:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// handshakeTime is how long a handshake may take.
const handshakeTime = 10 * time.Second

// late reports whether a member's handshake takes too long.
func (m *Member) late() bool { return !m.begun.IsZero() && time.Since(m.begun) > handshakeTime }

// reach says something in each room until everybody there has seen some of it. It makes no difference how a chat tells that one is in,
// and how much it says of others who come.
func (b *Bench) reach(ctx context.Context, members []*Member) error {
	sayer := map[string]*Member{}
	said, no := &b.Result.Verified, 0
	b.Do(func() {
		no = said.refusals()
		for _, m := range members {
			if sayer[m.Room] == nil {
				sayer[m.Room] = m
			}
		}
	})
	for try := 1; ; try++ {
		b.Do(func() {
			for _, m := range sayer {
				m.say(token(0, try*len(b.members)+m.Index)) // never one that was there before
			}
		})
		reached, refused := 0, false
		if b.Until(ctx, time.Second, func() bool {
			reached = 0
			for _, m := range members {
				if m.ready || m.stage == ended {
					reached++
				}
			}
			refused = said.refusals() > no
			return refused || reached == len(members)
		}) && !refused {
			return nil
		}
		b.progress("a message has reached %d of %d members", reached, len(members))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case refused || try == 30:
			return fmt.Errorf("a message reaches %d of %d members only%s", reached, len(members), b.firstComplaint())
		}
	}
}

// request is a member's handshake (RFC 6455, section 4.1).
func (b *Bench) request(m *Member) []byte {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	key := base64.StdEncoding.EncodeToString(raw[:])
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	m.accept = base64.StdEncoding.EncodeToString(sum[:])

	query := b.where.Query()
	maps.Copy(query, m.speak.query(m))
	if more, err := url.ParseQuery(m.Query); err == nil {
		maps.Copy(query, more)
	}
	at := *b.where
	at.RawQuery = query.Encode()
	head := "GET " + at.RequestURI() + " HTTP/1.1\r\nHost: " + at.Host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n"
	if m.Key != "" {
		head += "Cookie: " + m.Key + "\r\n"
	}
	if b.Protocol != "" {
		head += "Sec-WebSocket-Protocol: " + b.Protocol + "\r\n"
	}
	return []byte(head + "\r\n")
}

// complain keeps the first few things that went wrong, in the server's words. The caller holds mu.
func (b *Bench) complain(m *Member, says string) {
	b.Result.Verified.Errors++
	if len(b.errs) < 3 {
		b.errs = append(b.errs, fmt.Sprintf("%s: %s", m.Name, says))
	}
}

func (b *Bench) firstComplaint() (text string) {
	b.Do(func() {
		if len(b.errs) > 0 {
			text = "; " + b.errs[0]
		}
	})
	return text
}

// account sums up what the orders found. The caller holds mu.
func (b *Bench) account() {
	for _, o := range b.orders {
		o.finish()
	}
	b.Result.Verified.Examples = b.errs
}

// endAll cuts what is still open.
func (b *Bench) endAll() {
	b.Do(func() {
		b.over, b.waiting = true, nil
		for _, m := range b.members {
			m.Cut()
		}
	})
	if b.poll != nil {
		b.poll.stop()
	}
}
