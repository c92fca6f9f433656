package upload_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"parley/internal/upload"
)

func TestUploadsAtOnceKeepToTheLimitsTogether(t *testing.T) {
	h := open(t, upload.Limits{UserBytes: 1000, TotalBytes: 100_000})
	var all sync.WaitGroup
	hold, begun := make(chan struct{}), make(chan struct{}, 8)
	for range 8 {
		all.Go(func() {
			body := io.MultiReader(&signal{begun}, gate{hold}, strings.NewReader(strings.Repeat("x", 100)))
			if _, err := h.Take(context.Background(), upload.Taking{User: "u_ada", Name: "x", Size: 100, Body: body}); err != nil {
				t.Error(err)
			}
		})
	}
	for range 8 {
		<-begun
	}
	var refused *upload.Error
	taking := upload.Taking{User: "u_ada", Name: "x", Size: 100, Body: strings.NewReader(strings.Repeat("x", 100))}
	if _, err := h.Take(t.Context(), taking); !errors.As(err, &refused) || refused.Code != upload.CodeTooMany {
		t.Errorf("a ninth at once: %v", err)
	}
	close(hold)
	all.Wait()
	taking.Size, taking.Body = 201, strings.NewReader(strings.Repeat("x", 201))
	if _, err := h.Take(t.Context(), taking); !errors.As(err, &refused) || refused.Code != upload.CodeFull || refused.Limit != "upload.user_bytes" {
		t.Errorf("one that doesn't fit: %v", err)
	}
	taking.Size, taking.Body = 200, strings.NewReader(strings.Repeat("x", 200))
	if _, err := h.Take(t.Context(), taking); err != nil {
		t.Errorf("one that fits: %v", err)
	}
}

// signal says once that it is read, and is empty.
type signal struct{ to chan struct{} }

func (s *signal) Read([]byte) (int, error) {
	s.to <- struct{}{}
	return 0, io.EOF
}

// gate is empty, and read once it is open.
type gate struct{ open chan struct{} }

func (g gate) Read([]byte) (int, error) {
	<-g.open
	return 0, io.EOF
}
