//go:build linux

// Command peers measures Parley beside other chat servers on one machine, and beside the limit: the bare loop that does nothing but
// write. `make bench-peers` runs it. It builds what has to be built, starts one server at a time on a free port of this machine, has
// `parley bench` load it, and prints the medians of interleaved rounds and their ratios.
//
// The servers are small programs in the folders beside this file, each built as the articles or the example that people learn its
// library from describe. They store nothing. Those in Go are modules of their own, so that Parley's doesn't know what they need.
package main

import "strings"

// peer is a server to be measured.
type peer struct {
	name    string   // on the command line, and the folder it is in
	title   string   // in the table
	build   []string // the command that builds it, if it has to be
	command []string // that starts it in the root of the project; DATA in it is an empty folder of its own
	hello   string   // what a client says first, if anything
	send    string   // what a client says, with %s where the text goes; "" speaks Parley's dialect json
	slow    bool     // is measured longer: telling everyone what is under way takes it seconds
}

// peers are all there are, in the order of the table, for texts of so many bytes. Programs are built into a folder.
func peers(text int, into string) []peer {
	limit, parley := program(into, "limit"), program(into, "parley")
	centrifuge, gorilla := program(into, "centrifuge"), program(into, "gorilla")
	return []peer{
		{
			name: "limit", title: "the limit: an epoll loop in C that writes Parley's frames",
			build: compileLimit(limit), command: []string{limit, limitFrame(text)}, send: "%s",
		},
		{
			name: "parley", title: "**Parley**, each message stored first",
			build: buildParley(parley),
			command: []string{
				parley, "serve", "--listen", "127.0.0.1:0", "--data", "DATA", "--rate-limit.messages", "0", "--log.level", "error",
			},
		},
		{
			name: "centrifuge", title: "Centrifugo's library, no history",
			build: buildModule("centrifuge", centrifuge), command: []string{centrifuge},
			hello: `{"id":1,"connect":{}}`, send: `{"id":2,"publish":{"channel":"lobby","data":"%s"}}`,
		},
		{
			name: "gorilla", title: "gorilla/websocket chat",
			build: buildModule("gorilla", gorilla), command: []string{gorilla}, send: "%s",
		},
		{
			name: "nodewebsocket", title: "Node websocket chat",
			command: []string{"node", folder("nodewebsocket/chat.js")}, send: `{"name":"Ada","text":"%s"}`,
		},
		{
			name: "nodews", title: "Node ws chat",
			command: []string{"node", folder("nodews/chat.js")}, send: "%s",
		},
		{
			name: "mojolicious", title: "Mojolicious chat",
			command: []string{"perl", folder("mojolicious/chat.pl")}, send: "Ada|%s", slow: true,
		},
	}
}

// limitFrame is the template that makes the limit write as many bytes as Parley does for a text of so many: Parley's frames in json
// hold the text twice, once as HTML. Receivers look for the mark in the first.
func limitFrame(text int) string {
	const before = `{"type":"message","room":"bench-abcdef","seq":12345,"id":"12.345","user":"u_abcdefghijklmnop","name":"babcdef-12","text":"`
	const between, after = `","html":"<p>`, `</p>","time":"2026-11-21T09:20:00.000Z"}`
	return before + "%s" + between + strings.Repeat("-", text) + after
}
