package relay

import (
	"testing"

	"go.uber.org/goleak"

	"parley/internal/chat"
	"parley/internal/relay/relaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLocal(t *testing.T) {
	relaytest.TestRelay(t, func(_ *testing.T, n int) []chat.Relay {
		nodes := make([]chat.Relay, n)
		for i := range nodes {
			nodes[i] = Local{}
		}
		return nodes
	})
}
