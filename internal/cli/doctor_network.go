package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley/internal/lan"
)

const answerWithin = 4 * time.Second // a server may take half of that to say that it isn't ready

// server looks whether a server runs on the data folder and answers, or else whether one could.
func (x *examination) server(ctx context.Context) {
	const about = "server"
	host, text, err := net.SplitHostPort(x.cfg.Listen)
	if err != nil {
		x.bad(about, "Set listen to host:port, like :3000.", "%s can't be listened on: %v", x.cfg.Listen, err)
		return
	}
	port, _ := strconv.ParseUint(text, 10, 16) // the settings have been checked
	listener, err := net.Listen("tcp", x.cfg.Listen)
	if err == nil {
		_ = listener.Close() // nothing came in
		switch {
		case x.running && port != 0:
			x.warn(about, "Run this command with the same settings as the server: --listen, --config.",
				"one runs on this folder, but not on %s", x.cfg.Listen)
		case x.running:
			x.fine(about, "one runs on this folder, on a port that the system chose")
		case x.hidden:
			x.warn(about, asServersUser, "whether one runs on this folder can't be seen by this user; nothing listens on %s", x.cfg.Listen)
		default:
			x.fine(about, "none runs; %s is free for it", x.cfg.Listen)
		}
		return
	}
	switch {
	case errors.Is(err, syscall.EACCES):
		x.bad(about, "Choose a port from 1024 on with --listen.", "%s may not be used by this user", x.cfg.Listen)
	case !errors.Is(err, syscall.EADDRINUSE):
		x.bad(about, "Set listen to an address of this machine, or :3000 for all.", "can't listen on %s: %v", x.cfg.Listen, err)
	case x.running:
		x.answers(ctx, about, host, text)
	default:
		x.taken(ctx, about, host, text)
	}
}

// asServersUser is what to do where this user may not see enough.
const asServersUser = "Run this as the server's user (sudo)."

// taken says who has the port where that isn't the server of this folder, as far as this user can see.
func (x *examination) taken(ctx context.Context, about, host, text string) {
	status, answer, err := ask(ctx, host, text)
	parley := err == nil && (status == http.StatusOK && answer == "ready" ||
		status == http.StatusServiceUnavailable && strings.Contains(answer, `"code":"unavailable"`))
	port, _ := strconv.ParseUint(text, 10, 16) // the settings have been checked
	by := lan.Listener(uint16(port))
	if by == "" {
		by = "another program"
	}
	switch {
	case parley && x.hidden:
		x.warn(about, asServersUser, "a Parley runs on %s; whether on this folder can't be seen by this user", x.cfg.Listen)
	case parley:
		x.bad(about, "Give this command the folder of that server with --data, or for a second chat another port with --listen :3001.",
			"a Parley runs on %s, on another folder perhaps: what is said above is not of its folder", x.cfg.Listen)
	case x.hidden:
		x.bad(about, asServersUser+" If it isn't the chat, choose another port with --listen :3001.",
			"%s is in use by %s, which doesn't answer as a Parley does; whether one runs on this folder can't be seen by this user",
			x.cfg.Listen, by)
	default:
		x.bad(about, "Stop that one, or choose another port with --listen :3001.", "%s is in use by %s: the chat can't start",
			x.cfg.Listen, by)
	}
}

// answers asks the server that runs whether it is well.
func (x *examination) answers(ctx context.Context, about, host, port string) {
	status, text, err := ask(ctx, host, port)
	switch {
	case err != nil:
		x.bad(about, "Look into its log; restart it if it stays so.", "one runs on this folder and does not answer: %v", err)
	case status == http.StatusServiceUnavailable:
		x.bad(about, "Put the reason right; the server goes on by itself.", "it runs and refuses messages: %s", reasonIn(text))
	case status != http.StatusOK:
		x.bad(about, "Compare the settings of the server with those of this command.",
			"%s is answered by something else than the server of this folder (status %d)", x.cfg.Listen, status)
	default:
		x.fine(about, "it runs on %s, and stores messages", x.cfg.Listen)
	}
}

// ask asks whether a server is ready. The reason why not comes as JSON, by which a Parley is known.
func ask(ctx context.Context, host, port string) (status int, text string, err error) {
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return resp.StatusCode, strings.TrimSpace(string(body)), errors.Join(err, resp.Body.Close())
}

// reasonIn is the sentence in an answer of ask.
func reasonIn(answer string) string {
	var p struct{ Message string }
	if json.Unmarshal([]byte(answer), &p) != nil || p.Message == "" {
		return answer
	}
	return p.Message
}

// addresses says by which address others get here.
func (x *examination) addresses() {
	const about = "addresses"
	host, port, err := net.SplitHostPort(x.cfg.Listen)
	if err != nil {
		return // said above
	}
	if lan.OnlyHere(host) {
		x.warn(about, "Set listen to :"+port+" to let in the network. Behind a proxy on this machine it is right as it is.",
			"%s is reached from this machine alone; phones can't join", x.cfg.Listen)
		return
	}
	at, err := net.ResolveTCPAddr("tcp", x.cfg.Listen)
	if err != nil {
		x.bad(about, "Set listen to an address of this machine, or :3000 for all.", "%v", err)
		return
	}
	if at.IP == nil {
		at.IP = net.IPv6unspecified // every address of this machine
	}
	list := lan.URLs(at)
	best := lan.Best(list)
	if best == "" {
		x.warn(about, "Connect this machine to the network.", "it has no address that others could reach")
		return
	}
	if port == "0" {
		best = strings.TrimSuffix(best, ":0") + ", on a port that the system chooses"
	}
	others := ""
	if len(list) > 2 {
		others = " (or another of its " + strconv.Itoa(len(list)) + " addresses)"
	}
	x.fine(about, "others join at %s%s; if they can't, look at firewalls and guest networks", best, others)
}
