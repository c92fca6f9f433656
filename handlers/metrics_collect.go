package handlers

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// Describe is part of [prometheus.Collector]. It names nothing beforehand: what there is shows in Collect alone.
func (s *site) Describe(chan<- *prometheus.Desc) {}

// Collect is part of [prometheus.Collector]: it reads what others count, when the page is asked for.
func (s *site) Collect(metrics chan<- prometheus.Metric) {
	to := reader{metrics}
	s.collectSockets(to)
	s.collectRooms(to)
	s.collectFiles(to)
	to.gauge("parley_store_waiting_writes", "Writes that wait for their batch.", int64(s.writesWaiting()))
	to.gauge("parley_search_behind_events", "Stored events that are not in the index of the search yet.", s.unindexed(context.Background()))
	to.gauge("parley_http_connections", "Open connections of HTTP, those that became WebSockets not among them.", int64(s.httpOpen()))
	limits := to.counters("parley_limit_refusals_total", "Refusals, and connections ended, to keep within a limit, by its setting.", "limit")
	for limit, n := range s.refused() {
		limits(n, limit)
	}
	panics := to.counters("parley_panics_total", "Panics that were contained, by what was lost.", "where")
	panics(s.hub.Stats().Panics, "room")
	for i, where := range panicPlaces {
		panics(s.metrics.panics[i].Load(), where)
	}
}

func (s *site) collectRooms(to reader) {
	stats, counts := s.hub.Stats(), s.hub.Counts()
	to.gauge("parley_rooms", "Rooms in use.", int64(stats.Rooms))
	to.gauge("parley_users", "Users with an open connection.", int64(stats.People))
	to.gauge("parley_room_inbox_items", "What waits in the inboxes of all rooms: posts, joins, leaves.", int64(counts.Waiting))
	to.gauge("parley_room_inbox_longest_items", "What waits in the inbox of the fullest room.", int64(counts.WaitingMost))
	to.counter("parley_messages_in_total", "Messages, edits, deletions and reactions that rooms took, repeats too.", counts.Posts)
	to.counter("parley_messages_out_total", "Events told to connections, one for each that was told.", counts.Delivered)
	to.counter("parley_events_stored_total", "Events stored by this process.", stats.Stored)
	errors := to.counters("parley_errors_total", "Errors told to connections, by their code.", "code")
	for code, n := range counts.Errors {
		errors(n, string(code))
	}
	resumes := to.counters("parley_resumes_total", "Connections that came back, by how many events they had missed.", "missed")
	for missed, n := range counts.Resumed {
		resumes(n, string(missed))
	}
}

func (s *site) collectSockets(to reader) {
	k := &s.sockets.counters
	to.gauge("parley_connections", "Open WebSocket connections.", s.sockets.open.Load())
	to.gauge("parley_connections_behind", "Connections that something waits for.", k.Behind.Load())
	to.gauge("parley_backlog_bytes", "Bytes that wait for connections that are slower than the others.", k.Backlog.Load())
	to.counter("parley_dropped_bytes_total", "Bytes that waited for a connection and were never sent, as it ended.", k.Dropped.Load())
	to.counter("parley_frames_in_total", "WebSocket frames that came, control frames and fragments too.", k.FramesIn.Load())
	to.counter("parley_frames_out_total", "WebSocket frames that were taken to be sent.", k.FramesOut.Load())
	to.counter("parley_bytes_in_total", "Bytes of WebSocket frames that came.", k.BytesIn.Load())
	to.counter("parley_bytes_out_total", "Bytes of WebSocket frames that were sent.", k.BytesOut.Load())
	to.counter("parley_pings_total", "Pings to connections that were silent.", k.PingsOut.Load())
	to.counter("parley_silent_connections_total", "Connections given up, as they did not answer a ping.", k.Silent.Load())
	closes := to.counters("parley_closes_total", "Connections that ended, by close code, who closed, and what that means.",
		"code", "by", "reason")
	for _, end := range k.Ends() {
		code, by := "other", "client"
		if end.Code != 0 {
			code = strconv.Itoa(end.Code)
		}
		if end.Ours {
			by = "server"
		}
		closes(end.Count, code, by, closeReasons[end.Code])
	}
}

// closeReasons say what close codes mean here (RFC 6455, section 7.4; from 4000 on they are ours).
var closeReasons = map[int]string{
	0: "other", 1000: "left", 1001: "going away", 1002: "protocol error", 1003: "binary frame", 1005: "left without a code",
	1006: "cut off", 1007: "not UTF-8", 1008: "flooding", 1009: "frame too large", 1010: "extension missing", 1011: "internal error",
	1013: "no place free",
	4000: "idle", 4001: "removed", 4002: "other", 4003: "too slow to read", 4004: "session ended",
}

// reader is told numbers for one answer of the page.
type reader struct{ metrics chan<- prometheus.Metric }

func (r reader) gauge(name, help string, value int64) {
	r.metrics <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, float64(value))
}

func (r reader) counter(name, help string, value int64) { r.counters(name, help)(value) }

// counters takes one number for each value of the labels.
func (r reader) counters(name, help string, labels ...string) func(value int64, values ...string) {
	desc := prometheus.NewDesc(name, help, labels, nil)
	return func(value int64, values ...string) {
		r.metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), values...)
	}
}
