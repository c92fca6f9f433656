// Package chat is the core: rooms, members, presence, and the way of a message from the one who says it to everyone who reads it.
// It knows no HTTP, SQL, JSON or socket, imports only the standard library, and may be imported by everyone.
//
// # The life of a message
//
// A connection's goroutine calls [Member.Do] with a [Command]. Do checks what can be checked without the others (rights, flood
// budget, length) and puts a post into the room's inbox. If nobody is handling that inbox, a goroutine begins the room's turn: it
// takes all that waits, as a batch, and ends when nothing waits. In the turn the posts are appended to the [Log] together; what the log
// has stored is delivered to every seat of the room in the order of seq, encoded once per dialect and in one write per seat, in which
// each sender has its acks; and the relay is rung.
//
// Posts, joins, leaves and news from other nodes all pass through the same inbox. So a join sees everything before it in the log
// and everything after it live, and nothing falls between; and no lock is held while anything is stored or written.
//
// # Many at once
//
// What costs a write for every seat is done once for all who wait: the posts of a batch are one append and one write; all who come in
// with it are answered from one page of messages and one list of who is there, encoded once; signals wait a tenth of a second for each
// other. Who is in a room of more than a few hundred is told as a number.
//
// # Who owns what
//
// [Hub].mu guards which rooms and people there are; room.mu guards a room's inbox and who is present. Seats belong to the turn
// alone. Where both locks are taken, the hub's comes first. Nothing is written or stored with either held.
package chat
