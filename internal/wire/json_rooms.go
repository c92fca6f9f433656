package wire

import (
	"strconv"

	"parley/internal/chat"
)

// appendFacts appends what a room is beside its log; what it hasn't is left out.
func appendFacts(dst []byte, facts *chat.Facts) []byte {
	if facts.Topic != "" {
		dst = appendKeyString(dst, `,"topic":`, facts.Topic)
	}
	if len(facts.Pins) == 0 {
		return dst
	}
	dst = append(dst, `,"pins":[`...)
	for i, seq := range facts.Pins {
		dst = strconv.AppendInt(appendComma(dst, i), seq, 10)
	}
	return append(dst, ']')
}

// appendRoomFacts appends the same of a room in a list.
func appendRoomFacts(dst []byte, info *chat.RoomInfo) []byte {
	if info.Topic != "" {
		dst = appendKeyString(dst, `,"topic":`, info.Topic)
	}
	if info.Muted {
		dst = append(dst, `,"muted":true`...)
	}
	return dst
}
