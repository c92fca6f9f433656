package wire

import (
	"crypto/sha256"
	_ "embed" // the style
	"encoding/base64"
	"strconv"

	"parley/internal/chat"
)

// exportStyle is the whole style of an export, which opens where nothing else is.
//
//go:embed export.css
var exportStyle string

// exportPolicy lets nothing in a saved file load or run, and nothing style it but its own style. It stands in the file itself: where it
// is opened, no server says it.
var exportPolicy = func() string {
	sum := sha256.Sum256([]byte(exportStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}()

// exportHTML is one document that needs nothing else.
type exportHTML struct {
	exported

	last chat.UserID // who spoke last
}

func (*exportHTML) MIME() string { return "text/html; charset=utf-8" }

func (x *exportHTML) Begin(dst []byte) []byte {
	dst = append(dst, `<!doctype html><html lang="`...)
	dst = append(appendMarkup(dst, x.about.Words.Lang), `"><head><meta charset="utf-8">`...)
	dst = append(dst, `<meta http-equiv="Content-Security-Policy" content="`+exportPolicy+`">`...)
	dst = append(dst, `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>`...)
	dst = appendMarkup(dst, x.heading()+" · "+x.about.Chat)
	dst = append(dst, `</title><style>`+exportStyle+`</style></head><body><header><h1><bdi>`...)
	dst = append(appendMarkup(dst, x.heading()), `</bdi></h1><p><bdi>`...)
	dst = append(appendMarkup(dst, x.about.Chat), `</bdi> · `...)
	return append(appendMarkup(dst, x.by()), "</p></header><main>\n"...)
}

func (x *exportHTML) Append(dst []byte, e *chat.Event, names map[chat.UserID]string) []byte {
	first := x.begins(e)
	if first {
		dst = append(dst, `<h2>`+x.day+"</h2>\n"...)
	}
	if e.Kind != chat.KindMessage {
		x.last = ""
		return x.appendFact(dst, e)
	}
	dst = strconv.AppendInt(append(dst, `<article id="m`...), e.Seq, 10)
	if first || e.User.ID != x.last {
		dst = append(dst, `" class="lead`...)
	}
	x.last = e.User.ID
	dst = append(dst, `"><h3><bdi>`...)
	dst = append(appendMarkup(dst, e.User.Name), `</bdi></h3> `...)
	dst = appendClock(dst, e)
	if e.Deleted != 0 {
		dst = append(appendMarkup(append(dst, `<p class="gone">`...), x.about.Words.Deleted), `</p>`...)
		return append(dst, "</article>\n"...)
	}
	if e.Edited != 0 {
		dst = append(appendMarkup(append(dst, ` <small>`...), x.about.Words.Edited), `</small>`...)
	}
	dst = x.appendQuote(dst, e)
	dst = append(AppendHTML(append(dst, `<div class="body" dir="auto">`...), BodyOf(e)), `</div>`...)
	for i := range e.Files {
		dst = append(appendMarkup(append(dst, `<p class="file" dir="auto">📎 `...), x.file(&e.Files[i])), `</p>`...)
	}
	dst = appendChips(dst, e.Reactions, names)
	return append(dst, "</article>\n"...)
}

// appendFact appends what somebody did to the room; of a pin it leads to the message.
func (x *exportHTML) appendFact(dst []byte, e *chat.Event) []byte {
	dst = append(appendClock(append(dst, `<p class="fact" dir="auto">`...), e), ' ')
	said := x.fact(e)
	if e.Kind != chat.KindPin {
		return append(appendMarkup(dst, said), "</p>\n"...)
	}
	dst = strconv.AppendInt(append(dst, `<a href="#m`...), e.Of, 10)
	return append(appendMarkup(append(dst, `">`...), said), "</a></p>\n"...)
}

func appendClock(dst []byte, e *chat.Event) []byte {
	dst = append(appendTime(append(dst, `<time datetime="`...), e.Time), `">`...)
	return append(e.Time.UTC().AppendFormat(dst, "15:04"), `</time>`...)
}

func (x *exportHTML) appendQuote(dst []byte, e *chat.Event) []byte {
	if e.Quote == nil {
		return dst
	}
	said := e.Quote.Text
	if e.Quote.Deleted {
		said = x.about.Words.Deleted
	}
	dst = strconv.AppendInt(append(dst, `<a class="quote" href="#m`...), e.ReplyTo, 10)
	dst = append(appendMarkup(append(dst, `"><b><bdi>`...), e.Quote.User.Name), `</bdi></b> <span dir="auto">`...)
	return append(appendMarkup(dst, said), `</span></a>`...)
}

func appendChips(dst []byte, reactions []chat.Reaction, names map[chat.UserID]string) []byte {
	if len(reactions) == 0 {
		return dst
	}
	dst = append(dst, `<p class="chips">`...)
	for i := range reactions {
		r := &reactions[i]
		dst = append(appendMarkup(append(dst, `<span>`...), r.Emoji), ' ')
		dst = strconv.AppendInt(dst, int64(len(r.Users)), 10)
		if by := reacted(r, names); by != "" {
			dst = append(appendMarkup(append(dst, ` <small>`...), by), `</small>`...)
		}
		dst = append(dst, `</span>`...)
	}
	return append(dst, `</p>`...)
}

func (x *exportHTML) End(dst []byte) []byte {
	return append(appendMarkup(append(dst, `</main><footer><p>`...), x.count()), "</p></footer></body></html>\n"...)
}
