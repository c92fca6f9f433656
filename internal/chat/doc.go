// Package chat is the core: rooms, members, presence, and the way of a message from the one who says it to everyone who reads it.
// It knows no HTTP, SQL, JSON or socket, imports only the standard library, and may be imported by everyone.
package chat
