package client

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fasthttp/websocket"
)

const (
	dialTimeout  = 10 * time.Second // of one try: name lookup, connection, handshake, welcome
	leaveTimeout = 2 * time.Second  // of ending the session; who quits doesn't wait for a server that is gone
)

// Refusal is the server's no to who we are or to what we ask for at the handshake. Asking again gets the same answer.
type Refusal struct {
	Status     int    // of HTTP
	Code       string `json:"code"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion"` // a name that is free, where Code is name_taken
}

func (r *Refusal) Error() string {
	if r.Suggestion != "" {
		return fmt.Sprintf("%s (%q is free)", r.Message, r.Suggestion)
	}
	return r.Message
}

// door is the way in: who we are and where the server is. Its methods are called by one goroutine at a time.
type door struct {
	address
	key  string
	jar  *cookiejar.Jar // holds the session that a name was given
	http *http.Client
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	keep func(token string) // is told the session each time it is another; may be nil
}

func newDoor(o *Options) (*door, error) {
	where, err := parseAddress(o.URL)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return &door{
		address: where, key: o.Key, jar: jar, dial: dial, keep: o.Keep,
		http: &http.Client{
			Jar:           jar,
			Transport:     &http.Transport{DialContext: dial, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// sessionCookie is what holds a session.
const sessionCookie = "parley_session"

// tell tells the caller which session is held now.
func (d *door) tell() {
	if d.keep == nil {
		return
	}
	token := ""
	for _, cookie := range d.jar.Cookies(&d.pages) {
		if cookie.Name == sessionCookie {
			token = cookie.Value
		}
	}
	d.keep(token)
}

// hold takes up a session that was begun before.
func (d *door) hold(token string) {
	d.jar.SetCookies(&d.pages, []*http.Cookie{{Name: sessionCookie, Value: token, Path: "/"}})
}

// signIn gets a session for a name. A session that is held already keeps its user and may change its name.
func (d *door) signIn(ctx context.Context, name, room string) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	response, err := d.post(ctx, "join", url.Values{"name": {name}, "room": {room}})
	if err != nil {
		return d.unreachable(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK || response.StatusCode == http.StatusSeeOther {
		d.tell()
		return nil
	}
	return d.refusal(response)
}

// signOut ends the session, so that its name is free again.
func (d *door) signOut() {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	if response, err := d.post(ctx, "leave", nil); err == nil {
		response.Body.Close()
		d.tell()
	}
}

func (d *door) post(ctx context.Context, page string, form url.Values) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.page(page), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	return d.http.Do(request)
}

// open makes a connection and waits for its welcome. room is joined at once, after since where that is known (not below 0).
func (d *door) open(ctx context.Context, room string, since int64) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	query := url.Values{"dialect": {"json"}}
	if room != "" {
		query.Set("room", room)
		if since >= 0 {
			query.Set("since", strconv.FormatInt(since, 10))
		}
	}
	where := d.socket
	where.RawQuery = query.Encode()
	header := http.Header{}
	if d.key != "" {
		header.Set("Key", d.key)
	}
	stop := func() bool { return true }
	defer func() { stop() }()
	dialer := &websocket.Dialer{Jar: d.jar, Proxy: http.ProxyFromEnvironment}
	dialer.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.dial(ctx, network, address)
		if err == nil { // the package minds ctx only up to here, and not while it waits for the answer
			stop = context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
	ws, response, err := dialer.DialContext(ctx, where.String(), header)
	if err != nil && ctx.Err() != nil {
		return nil, d.unreachable(ctx.Err())
	}
	if errors.Is(err, websocket.ErrBadHandshake) {
		return nil, d.refusal(response)
	}
	if err != nil {
		return nil, d.unreachable(err)
	}
	l, err := newLink(ws)
	if err != nil {
		ws.Close()
		return nil, d.unreachable(cmp.Or(ctx.Err(), err))
	}
	return l, nil
}

// refusal reads why a request was turned down. What may pass (an overloaded server, a proxy without its server) isn't a Refusal.
func (d *door) refusal(response *http.Response) error {
	var answer struct {
		Error Refusal `json:"error"`
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	_ = json.Unmarshal(body, &answer) // where it isn't ours, the status must do
	refusal := &answer.Error
	refusal.Status = response.StatusCode
	status := fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode))
	if refusal.Message == "" {
		refusal.Message = fmt.Sprintf("%s answers %s; is there a chat at this address?", d.socket.Host, status)
	}
	if response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusTooManyRequests {
		return &Unreachable{Host: d.socket.Host, Reason: refusal.Message, cause: refusal}
	}
	return refusal
}

// Unreachable says that a server can't be talked to now. It may be there later.
type Unreachable struct {
	Host   string
	Reason string // for people
	cause  error
}

func (u *Unreachable) Error() string { return fmt.Sprintf("can't connect to %s: %s", u.Host, u.Reason) }

// Unwrap returns the network's own error.
func (u *Unreachable) Unwrap() error { return u.cause }

// unreachable puts a network error into words.
func (d *door) unreachable(err error) error {
	var (
		lookup  *net.DNSError
		timeout net.Error
		unknown x509.UnknownAuthorityError
		cause   *url.Error
	)
	if errors.As(err, &cause) { // its own words repeat the address
		err = cause.Err
	}
	reason := err.Error()
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		reason = "nobody listens there; is the server running?"
	case errors.As(err, &lookup) && lookup.IsNotFound:
		reason = fmt.Sprintf("there is no host %q", lookup.Name)
	case errors.As(err, &unknown):
		reason = "its certificate is signed by nobody this machine trusts"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		reason = "there is no way to this address from here"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		reason = fmt.Sprintf("no answer within %v", dialTimeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		reason = "it hung up before the conversation began"
	}
	return &Unreachable{Host: d.socket.Host, Reason: reason, cause: err}
}
