package chat

import (
	"context"
	"errors"
	"strings"
)

// File is what a message says of one of its files. The bytes are none of the core's business.
type File struct {
	ID            string
	Name          string
	Type          string
	Size          int64 // bytes
	Width, Height int   // of a picture, else 0
	Thumb         bool  // there is a small picture of it
	Gone          bool  // its bytes have been removed, as it was too old
}

// Files finds what was uploaded.
type Files interface {
	// Unsent returns files that the user has uploaded and no message has, in the order of ids, or ErrNotFound where one is none.
	Unsent(ctx context.Context, user UserID, ids []string) ([]File, error)
}

// fileWeight is how many bytes of text a file counts as in answers: about what is told of it.
const fileWeight = 256

// weight is how much there is to tell of an event, in bytes of text.
func (e *Event) weight() int {
	bytes := len(e.Text)
	for i := range e.Files {
		bytes += fileWeight + len(e.Files[i].Name)
	}
	return bytes
}

// FilesMost is how many files one message has at most.
const FilesMost = 10

var errNoFile = Errorf(CodeNotFound, "One of the files is not there to be sent: it was sent already, or waited for more than a day. Upload it again.")

// files are those that a message is sent with.
func (m *Member) files(ctx context.Context, ids []string) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	for i, id := range ids {
		for _, other := range ids[:i] {
			if id == other {
				return nil, Errorf(CodeBadRequest, "A message has each of its files once.")
			}
		}
	}
	if len(ids) > FilesMost {
		return nil, Errorf(CodeBadRequest, "A message has %d files at most. Send the others with another one.", FilesMost)
	}
	if m.hub.opts.Files == nil {
		return nil, errNoFile
	}
	files, err := m.hub.opts.Files.Unsent(ctx, m.User().ID, ids)
	if errors.Is(err, ErrNotFound) {
		return nil, errNoFile
	}
	return files, err
}

// MayRead is nil where a user may know of a room and what is in it, and ErrNotFound where they may not or where there can be no such
// room: the one rule, [RoomName.ReadableAs], with what the user is there.
func (h *Hub) MayRead(ctx context.Context, user UserID, name RoomName) error {
	switch {
	case name.ReadableBy(user):
		return nil
	case !name.IsClosed():
		return ErrNotFound
	}
	role, err := h.opts.Shelf.Role(ctx, name, user)
	if err == nil && !name.ReadableAs(user, role) {
		return ErrNotFound
	}
	return err
}

// MayWrite is [Hub.MayRead] for what is to be said in a room: an archived one refuses it.
func (h *Hub) MayWrite(ctx context.Context, user UserID, name RoomName) error {
	if err := h.MayRead(ctx, user, name); err != nil {
		return err
	}
	facts, err := h.Facts(ctx, name)
	if err == nil && facts.Archived {
		err = errArchived
	}
	return err
}

// fileNames is what files are called, in a line. static/js/model/change.js does the same.
func fileNames(files []File) string {
	names := make([]string, len(files))
	for i := range files {
		names[i] = files[i].Name
	}
	return strings.Join(names, ", ")
}
