package chat

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPageOfWhoMayDoWhatSaysWhatTheRightsSay(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "access.md"))
	if err != nil {
		t.Fatal(err)
	}
	frames := []string{
		"", "send", "edit", "delete", "react", "topic", "pin", "join", "leave", "history", "search", "mentions", "members", "pins", "create", "invite", "archive", "remove", "password", "about", "rooms", "read", "mute", "typing", "active", "ping", "nick", "away", "back", "whois", "ignore", "kick", "ban", "unban",
	}
	places := []string{nowhere: "", anywhere: "anywhere", knowable: "knowable", everywhere: "everywhere", inside: "inside", everybody: "everybody", elsewhere: "elsewhere"}
	var want []string
	for kind := CmdSend; kind < CmdClaim; kind++ {
		author := " "
		if rights[kind].author {
			author = " one's own "
		}
		want = append(want, fmt.Sprintf("| %s | %s |%s|", frames[kind], places[rights[kind].where], author))
	}
	slices.Sort(want)
	_, table, _ := strings.Cut(string(page), "| frame | where | whose message |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	said := strings.Split(table, "\n")
	slices.Sort(said)
	if !slices.Equal(said, want) {
		t.Errorf("docs/access.md says\n%s\nand the table\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	if len(rights) != int(CmdClaim) {
		t.Errorf("there are %d rows for %d commands", len(rights), CmdClaim)
	}
}
