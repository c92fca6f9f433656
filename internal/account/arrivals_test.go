package account

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestNameIsKeptForWhoWasLetInUntilTheyArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a arrivals
		if !a.add("u_ada") || a.add("u_ada") {
			t.Error("two were let in as one user at once")
		}
		if a.left("u_ada") != arriveWithin {
			t.Errorf("it is kept for %v more", a.left("u_ada"))
		}
		a.arrived("u_ada")
		if a.left("u_ada") > 0 || !a.add("u_ada") {
			t.Error("it is still kept for who has arrived")
		}
		time.Sleep(arriveWithin) // of the bubble, as all here
		if a.left("u_ada") > 0 || !a.add("u_ada") {
			t.Error("it is still kept for who did not come")
		}
	})
}

func TestThoseWhoWereLetInAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a arrivals
		for range 3 { // again before their time was over, and after it
			for _, id := range []string{"u_ada", "u_bob", "u_eve"} {
				a.add(id)
				a.arrived(id)
			}
			a.add("u_ada")
			time.Sleep(arriveWithin / 2)
		}
		time.Sleep(arriveWithin)
		a.add("u_zoe")
		if len(a.until) != 1 || len(a.order) != 1 {
			t.Errorf("%v and %v are kept", a.until, a.order)
		}
	})
}
