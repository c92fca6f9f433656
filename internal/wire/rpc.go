package wire

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"parley/internal/chat"
)

// rpcDialect reads requests in the likeness of HTTP and answers each of them.
type rpcDialect struct{}

func (rpcDialect) Name() string          { return "rpc" }
func (rpcDialect) Encoder() chat.Encoder { return rpcEncoder{} }

const (
	exampleRPC    = `{"id":7,"method":"POST","target":"/message","body":"hi"}`
	examplePage   = `{"before":42,"limit":50}`
	exampleSearch = `{"query":"from:Ada hi","limit":20}`
)

// targets are what can be asked for, in the order in which a refusal names them.
var targets = [...]struct {
	method, target string
	kind           chat.CommandKind
}{
	{http.MethodPost, "/message", chat.CmdSend},
	{http.MethodGet, "/history", chat.CmdHistory},
	{http.MethodGet, "/search", chat.CmdSearch},
	{http.MethodGet, "/members", chat.CmdMembers},
	{http.MethodPost, "/typing", chat.CmdTyping},
}

// noRef is the id of an answer to a request whose own id can't be read, and of what answers no request.
const noRef = "0"

// Decode gives the command no client id: a program's request numbers begin anew with each connection, so that they can't tell a
// repeated message from a new one.
func (rpcDialect) Decode(frame []byte) (chat.Command, *chat.Error) {
	cmd, err := decodeRPC(frame)
	if err != nil {
		err.Ref, err.Of = cmd.Ref, cmd.Kind
		return chat.Command{}, err
	}
	return cmd, nil
}

func decodeRPC(frame []byte) (chat.Command, *chat.Error) {
	cmd := chat.Command{Ref: noRef}
	var r reader
	if err := r.read(frame); err != nil {
		return cmd, badJSON(err, exampleRPC)
	}
	if ref := r.requestID(); ref != "" {
		cmd.Ref = ref
	}
	method := r.str(r.need(r.method, "method"), "method")
	target := r.str(r.need(r.target, "target"), "target")
	body := r.str(r.body, "body")
	if r.err != nil {
		return cmd, r.err
	}
	for _, t := range targets {
		if t.target != target {
			continue
		}
		cmd.Kind = t.kind
		if t.method != method {
			return cmd, chat.Errorf(chat.CodeBadRequest, "%s is asked for with %s.", t.target, t.method)
		}
		return cmd, r.request(&cmd, body)
	}
	return cmd, chat.Errorf(chat.CodeUnknownType, "There is no such target. There are %s.", targetNames())
}

func targetNames() string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.method + " " + t.target
	}
	return strings.Join(names, ", ")
}

// request fills in what the body says.
func (r *reader) request(cmd *chat.Command, body string) *chat.Error {
	switch cmd.Kind {
	case chat.CmdSend:
		r.need(r.body, "body")
		cmd.Text = body
	case chat.CmdHistory:
		if strings.TrimSpace(body) == "" {
			return nil
		}
		page := reader{}
		if page.read([]byte(body)) != nil {
			return chat.Errorf(chat.CodeBadRequest, "The body of GET /history is empty or a JSON object such as %s.", examplePage)
		}
		page.page(cmd)
		return page.err
	case chat.CmdSearch:
		search := reader{}
		if search.read([]byte(body)) != nil {
			return chat.Errorf(chat.CodeBadRequest, "The body of GET /search is a JSON object such as %s.", exampleSearch)
		}
		search.search(cmd)
		return search.err
	}
	return r.err
}

// requestID returns the JSON text of the request's id, which the answer repeats; "" where there is none.
func (r *reader) requestID() string {
	switch {
	case r.id == nil:
		return ""
	case r.id[0] == '"':
		id := r.clientID(r.id)
		if r.err != nil {
			return ""
		}
		if !utf8.Valid(r.id) {
			return string(appendString(nil, id))
		}
		return string(r.id)
	case r.id[0] == '-' || r.id[0] >= '0' && r.id[0] <= '9':
		if len(r.id) > chat.IDLength {
			r.fail("The id has more than %d digits. Use a shorter one.", chat.IDLength)
			return ""
		}
		return string(r.id)
	default:
		r.fail("\"id\" is %s. It has to be a number or a string.", describe(r.id))
		return ""
	}
}
