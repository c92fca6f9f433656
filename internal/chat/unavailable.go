package chat

import "errors"

// Unavailable is an error of a [Log], [Shelf] or [People] whose reason is known in words that everyone may read. Another attempt may
// succeed.
type Unavailable struct {
	Reason string // a sentence: "The disk that holds the chat is full."
	Logged bool   // the log has a line about it already, which would otherwise come again with every message
	Err    error
}

func (e *Unavailable) Error() string { return e.Err.Error() }

// Unwrap returns the error below.
func (e *Unavailable) Unwrap() error { return e.Err }

// unavailable is what somebody is told whose command failed, with the reason where it is known.
func unavailable(err error, said string) *Error {
	var known *Unavailable
	if errors.As(err, &known) {
		said = known.Reason + " " + said
	}
	return Errorf(CodeUnavailable, "%s", said)
}

// isLogged reports whether the log has a line about an error already.
func isLogged(err error) bool {
	var known *Unavailable
	return errors.As(err, &known) && known.Logged
}
