package account

import (
	"errors"
	"fmt"
)

// ErrNotFound is what is said of a user, session or key that isn't there.
var ErrNotFound = errors.New("not found")

// ErrConflict is what a store says of a change that came too late: somebody else was faster.
var ErrConflict = errors.New("changed meanwhile")

// Code is the stable name of a refusal.
type Code string

// The refusals.
const (
	CodeBadName   Code = "bad_name"
	CodeNameTaken Code = "name_taken"
	CodeWrongKey  Code = "wrong_key"
	CodeForbidden Code = "forbidden"
	CodeBarred    Code = "barred"
)

// Error is a refusal: a stable code, and a sentence for people that says what is wrong and what would be right.
type Error struct {
	Code       Code
	Message    string
	Suggestion string // for CodeNameTaken: a like name that is free, or "" where none was found
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Is reports whether target is a refusal with the same code, so that errors.Is(err, &Error{Code: CodeNameTaken}) asks for that.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code && (other.Message == "" || other.Message == e.Message)
}

func refuse(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func badName(format string, args ...any) *Error { return refuse(CodeBadName, format, args...) }
