package cli

import (
	"context"
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
	x.running = folderInUse(x.cfg.Data)
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
	case !x.running:
		by := lan.Listener(uint16(port))
		if by == "" {
			by = "another program"
		}
		x.bad(about, "Stop that one, or choose another port with --listen :3001.", "%s is in use by %s: the chat can't start",
			x.cfg.Listen, by)
	default:
		x.answers(ctx, about, host, text)
	}
}

// answers asks the server that runs whether it is well.
func (x *examination) answers(ctx context.Context, about, host, port string) {
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	status, text, err := ask(ctx, "http://"+net.JoinHostPort(host, port)+"/readyz")
	switch {
	case err != nil:
		x.bad(about, "Look into its log; restart it if it stays so.", "one runs on this folder and does not answer: %v", err)
	case status == http.StatusServiceUnavailable:
		x.bad(about, "Put the reason right; the server goes on by itself.", "it runs and refuses messages: %s", text)
	case status != http.StatusOK:
		x.bad(about, "Compare the settings of the server with those of this command.",
			"%s is answered by something else than the server of this folder (status %d)", x.cfg.Listen, status)
	default:
		x.fine(about, "it runs on %s, and stores messages", x.cfg.Listen)
	}
}

func ask(ctx context.Context, url string) (status int, text string, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return resp.StatusCode, strings.TrimSpace(string(body)), errors.Join(err, resp.Body.Close())
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
