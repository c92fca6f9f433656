// Package load is `parley bench`: it puts a load on a chat, checks that everybody got everything, and says what it cost. Only the
// command line imports it.
//
// # The engine
//
// A [Member] is one connection. On Linux one goroutine reads all of them ([poller]), into one buffer, and finds frames and marks where they lie,
// so that a delivery costs nothing that is ever collected; elsewhere, and for TLS, each has a goroutine ([goLink]). Either way one lock
// is held while anything that came is handled: a [Handler] has the run to itself, and its state needs no lock of its own. Who wants to
// touch that state, or members, from another goroutine does so in [Bench.Do].
//
// Every message's text begins with a mark, #SENDER.NUMBER# ([Token]). A [speaker] knows how a dialect writes it. An [Order] checks that
// all its members saw the same marks in the same order, each once.
//
// # A kind of run
//
// A kind is a struct in a file of its own: its exported fields are its flags, with kong's tags, and go into the JSON; it has Name and
// Run. In internal/cli/bench.go it is one line. What a Run does, as in fanout.go:
//
//	order := b.NewOrder()                          // in b.Do; one for each room
//	members, err := b.Open(ctx, Opening{Members: n, Room: room, Handler: h, Order: order})
//	b.Do(func() { members[0].Say() })              // and from then on, usually, in the handler
//	b.Sleep(ctx, "warming up", b.Warmup)
//	stop := b.Measure()                            // the server's CPU and memory from here
//	b.Sleep(ctx, "measuring", b.Duration)
//	stop()                                         // to here; sets b.Result.Seconds
//	b.PerDelivery(messages, deliveries)            // figures that all have, then b.Result.Add and AddTimes for its own
//	b.Drain(order)                                 // waits for what is under way; what is missing then is lost
//
// Who speaks is one of b.Speakers(members); what is said at a steady pace is said by b.pace, which never waits for the server.
//
// A run through several values of a setting measures each with b.part and adds a [Row]; b.openRooms opens many rooms, b.leave ends
// what the next value must not pay for, and b.pace says what is due at a steady pace. A day's people ([Mixed]) are in many rooms with
// one connection each, so they read whole frames and check each room's log by its seq, in mixed_log.go.
//
// When ctx ends (Ctrl+C), or every connection has, Sleep returns at once and the run goes on to its end with what it has. Run returns an error only where nothing
// could be measured. What goes wrong for members (frames of errors, connections that end by themselves) is counted by the engine and
// fails the run; a kind that provokes it sets [Opening.Rough].
package load
