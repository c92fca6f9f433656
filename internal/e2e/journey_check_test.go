package e2e

import "testing"

func TestBrowsersCheckTheConnection(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for _, w := range []window{desktop, phone} {
		ada := newPerson(t, s, "Ada", w)
		ada.open("/check")
		ada.sees(".now", "Connected")
		ada.click("[data-act=send]")
		ada.sees(".frames li", "Sent: Hello")
		ada.sees(".frames li", "We received your Hello")
		ada.until("the round trip in milliseconds", `/We received your Hello · \d+\.\d\sms/.test(document.querySelector(".frames").textContent)`)
		ada.click("[data-act=disconnect]")
		ada.sees(".now", "Disconnected (code 1000)")
		ada.click("[data-act=send]")
		ada.sees(".wrong", "Not connected. Reconnect first.")
		ada.screenshot("not connected")
		ada.click("[data-act=reconnect]")
		ada.sees(".now", "Connected")
		ada.misses(".wrong", "Not connected")
		ada.click("[data-act=send]")
		ada.until("a second answer", `document.querySelector(".frames").textContent.match(/We received your Hello/g).length === 2`)
	}
}
