package handlers

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func newTestTries(perMinute int) (t *tries, pass func(time.Duration)) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	t = newTries(perMinute)
	t.now = func() time.Time { return now }
	return t, func(d time.Duration) { now = now.Add(d) }
}

func TestFailedTriesAreSlowedByAddressAndByName(t *testing.T) {
	tries, pass := newTestTries(6)
	for i := range 6 {
		if why := tries.wait(netip.MustParseAddr("10.0.0.1"), ""); why != nil {
			t.Fatalf("try %d is refused: %+v", i, why)
		}
		tries.failed(netip.MustParseAddr("10.0.0.1"), "")
	}
	if why := tries.wait(netip.MustParseAddr("10.0.0.1"), ""); why == nil || why.what != "address" || why.wait != 10*time.Second || why.most != 6 {
		t.Errorf("the seventh is answered with %+v, want 10 s for the address", why)
	}
	if why := tries.wait(netip.MustParseAddr("10.0.0.2"), ""); why != nil {
		t.Errorf("another address is refused: %+v", why)
	}
	pass(10 * time.Second)
	if why := tries.wait(netip.MustParseAddr("10.0.0.1"), ""); why != nil {
		t.Errorf("after 10 s: %+v", why)
	}
	pass(-time.Hour) // a clock that is put back gives nothing
	tries.failed(netip.MustParseAddr("10.0.0.1"), "")
	if why := tries.wait(netip.MustParseAddr("10.0.0.1"), ""); why == nil {
		t.Error("a clock that steps back fills the budget")
	}

	for i := range 6 * nameTries { // from as many addresses
		tries.failed(netip.MustParseAddr(fmt.Sprintf("10.1.0.%d", i)), "groot")
	}
	if why := tries.wait(netip.MustParseAddr("10.2.0.1"), "groot"); why == nil || why.what != "name" {
		t.Errorf("the name is answered with %+v", why)
	}
	if why := tries.wait(netip.MustParseAddr("10.2.0.1"), "rocket"); why != nil {
		t.Errorf("another name is refused: %+v", why)
	}
}

func TestTriesOfOneIPv6NetworkAreOne(t *testing.T) {
	tries, _ := newTestTries(3)
	for i := range 3 {
		tries.failed(netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", i+1)), "")
	}
	if tries.wait(netip.MustParseAddr("2001:db8::ffff"), "") == nil {
		t.Error("an address of the same network has tries of its own")
	}
	if tries.wait(netip.MustParseAddr("2001:db8:0:1::1"), "") != nil {
		t.Error("an address of another network is refused")
	}
}

func TestMemoryOfTriesIsBounded(t *testing.T) {
	tries, pass := newTestTries(3)
	for i := range 2 * budgetsMost {
		tries.failed(netip.MustParseAddr(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)), "")
	}
	if n := len(tries.budgets); n > budgetsMost+1 {
		t.Errorf("%d budgets are kept", n)
	}
	if tries.wait(netip.MustParseAddr("192.0.2.1"), "") == nil {
		t.Error("beyond the bound nobody is limited")
	}
	pass(2 * time.Minute)
	if tries.wait(netip.MustParseAddr("192.0.2.1"), "") != nil || len(tries.budgets) > 1 {
		t.Errorf("two minutes later %d budgets are kept", len(tries.budgets))
	}
}

func TestNoLimitOfTriesIsNone(t *testing.T) {
	tries, _ := newTestTries(0)
	for range 1000 {
		tries.failed(netip.MustParseAddr("10.0.0.1"), "groot")
	}
	if tries.wait(netip.MustParseAddr("10.0.0.1"), "groot") != nil || len(tries.budgets) != 0 {
		t.Error("a limit of 0 limits")
	}
}
