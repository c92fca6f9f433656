package store

import (
	"strings"
	"testing"
)

// Reading must cost the same in a room of ten events and of ten million: every step is a search in an index that fits.
func TestReadingSearchesIndexesOnly(t *testing.T) {
	s := fresh(t)
	duplicates := selectDuplicatesBefore + valueRows(2, 2, s.placeholder) + selectDuplicatesAfter
	for query, want := range map[string]string{
		selectLast:         "SEARCH rooms USING INDEX sqlite_autoindex_rooms_1 (name=?)",
		selectAfter:        "SEARCH events USING INDEX sqlite_autoindex_events_1 (room=? AND seq>?)",
		selectBefore:       "SEARCH events USING INDEX sqlite_autoindex_events_1 (room=? AND seq<?)",
		selectMessage:      "SEARCH events USING INDEX",
		selectSent:         "SEARCH events USING INDEX events_client_id (user_id=? AND client_id=?)",
		selectUnder:        "SEARCH reactions USING INDEX sqlite_autoindex_reactions_1 (room=? AND of_seq>? AND of_seq<?)",
		selectMeant:        "SEARCH mentions USING INDEX mentions_message (room=? AND seq>? AND seq<?)",
		selectMentions:     "SEARCH m USING COVERING INDEX mentions_latest (user_id=?",
		deleteMentions:     "SEARCH mentions USING INDEX mentions_message (room=? AND seq=?)",
		selectFilesBetween: "SEARCH files USING INDEX files_message (room=? AND seq>? AND seq<?)",
		selectUnsent:       "SEARCH files USING INDEX sqlite_autoindex_files_1 (id=?)",
		updateFilesDrop:    "SEARCH files USING INDEX files_message (room=? AND seq=?)",
		selectFilesOf:      "SEARCH files USING COVERING INDEX files_user (user_id=? AND state<?)",
		selectToRemove:     "SEARCH files USING INDEX files_age (state>? AND state<?)",
		selectKnownFiles:   "SEARCH files USING INDEX sqlite_autoindex_files_1 (id>? AND id<?)",
		selectRooms:        "SEARCH events USING INDEX sqlite_autoindex_events_1 (room=? AND seq>?)",
		selectSilent:       "SEARCH r USING COVERING INDEX rooms_silent (name>?)",
		deleteSilent:       "SEARCH m USING INDEX memberships_room (room=?)",
		deleteMarks:        "SEARCH memberships USING INDEX memberships_room (room=?)",
		updateClearEdits:   "SEARCH events USING INDEX events_edits (room=? AND of_seq=?)",
		deleteUnder:        "SEARCH reactions USING INDEX sqlite_autoindex_reactions_1 (room=? AND of_seq=?)",
		selectTail:         "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
		selectNewer:        "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)",
		selectSaid:         "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)",
		selectIndexed:      "SEARCH e USING INDEX",
		selectFound:        "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
		duplicates:         "SEARCH e USING INDEX events_client_id (user_id=? AND client_id=?)",
	} {
		plan := planOf(t, s, query)
		if !strings.Contains(plan, want) || strings.Contains(plan, "SCAN events") || strings.Contains(plan, "SCAN rooms") ||
			strings.Contains(plan, "SCAN e\n") || query != selectRooms && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nis done by\n%s", query, plan)
		}
	}
}

// The rooms of others are chosen as they come in their index: a list costs no more where there are a million of them.
func TestListingSearchesNoMoreRoomsThanItLists(t *testing.T) {
	plan := planOf(t, fresh(t), selectRooms)
	for _, want := range []string{
		"SEARCH rooms USING INDEX rooms_listed (user_a=?)", "SEARCH m USING INDEX sqlite_autoindex_memberships_1 (user_id=?)",
	} {
		step, sorted := strings.CutPrefix(plan[max(0, strings.Index(plan, want)):], want+"\n")
		if !sorted || want[7] == 'r' && strings.HasPrefix(step, "USE TEMP B-TREE") {
			t.Errorf("%q is not in\n%s", want, plan)
		}
	}
}

func planOf(t *testing.T, s *Store, query string) string {
	t.Helper()
	args := make([]any, strings.Count(query, "?")+strings.Count(query, "$"))
	for i := range args {
		args[i] = 1
	}
	rows, err := s.writer.Query(`EXPLAIN QUERY PLAN `+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(step + "\n")
	}
	return plan.String()
}
