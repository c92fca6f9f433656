package session

import (
	"fmt"
	"time"

	"parley/internal/chat"
)

// calm is how long after a refusal the next one counts as the first again.
const calm = 10 * time.Second

// spend takes a cost from the budget of the connection's address.
func (s *Session) spend(cost float64) error {
	if refused := s.owner.Spend(cost); refused != nil {
		return refused
	}
	return nil
}

// pay takes a cost from the budgets for messages, of the address and of the user.
func (s *Session) pay(cost float64) error {
	if err := s.spend(cost); err != nil {
		return err
	}
	return s.member.Charge(cost)
}

// charge makes a frame cost that was refused for another reason.
func (s *Session) charge(cost float64) {
	if err := s.pay(cost); err != nil {
		s.strike()
	}
}

// strike counts a refusal for flooding, and ends the connection of a client that doesn't listen.
func (s *Session) strike() {
	now := time.Now()
	if now.Sub(s.struckAt) > calm {
		s.strikes = 0
	}
	s.struckAt = now
	if s.strikes++; s.strikes == s.Warnings {
		s.end(chat.CloseFlooding, "rate_limit.warnings", fmt.Sprintf("sent on against %d refusals; wait %.0f seconds", s.strikes, calm.Seconds()))
	}
}

// end closes the connection to keep within a limit.
func (s *Session) end(code int, limit, reason string) {
	s.owner.Refused(limit)
	s.sock.Close(code, reason)
}
