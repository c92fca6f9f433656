package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/wire"
)

type exportCmd struct {
	onData

	Room   string `default:"lobby" help:"The room, as its page's address says it: lobby." placeholder:"ROOM"`
	Format string `default:"html" enum:"html,json,text" help:"html opens in any browser, json is for programs, text for reading: html, json or text." placeholder:"FORMAT"`
}

// Run writes all that was said in a room to standard output, while the server runs or not.
func (x exportCmd) Run(ctx context.Context, p *Program, c *commands) (err error) {
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Data, databaseFile)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no chat in %s: name its folder with --data", cfg.Data)
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	room := chat.RoomName(x.Room)
	from, err := chat.ExportOf(ctx, chat.Options{Log: db, People: db, Renderer: wire.Renderer{}}, room)
	if err != nil {
		return err
	}
	if from.Empty() {
		return fmt.Errorf("nothing was ever said in a room %q", x.Room)
	}
	format := x.Format
	if format == "text" {
		format = "txt"
	}
	title := room.Title()
	if room.IsDirect() {
		title = x.Room
	}
	into := wire.NewExport(format, wire.About{Chat: chatName(cfg), Room: room, Title: title, Time: time.Now(), Words: wire.EnglishExport})
	out := bufio.NewWriter(p.Stdout)
	if _, err := out.Write(into.Begin(nil)); err != nil {
		return err
	}
	var frame []byte
	for {
		page, err := from.Next(ctx)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		frame = frame[:0]
		for i := range page {
			frame = into.Append(frame, &page[i], from.Names())
		}
		if _, err := out.Write(frame); err != nil {
			return err
		}
	}
	if _, err := out.Write(into.End(nil)); err != nil {
		return err
	}
	return out.Flush()
}
