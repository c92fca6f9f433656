package wire

import "parley/internal/chat"

// appendAway appends who of the members is away; nothing where nobody is.
func appendAway(dst []byte, away []chat.Absence) []byte {
	if len(away) == 0 {
		return dst
	}
	dst = append(dst, `,"away":[`...)
	for i := range away {
		dst = appendString(append(appendComma(dst, i), `{"user":`...), string(away[i].User))
		dst = append(appendAbsence(dst, &away[i]), '}')
	}
	return append(dst, ']')
}

func appendAbsence(dst []byte, a *chat.Absence) []byte {
	if a.Text != "" {
		dst = appendKeyString(dst, `,"text":`, a.Text)
	}
	return appendKeyTime(dst, `,"since":`, a.Since)
}

func appendProfile(dst []byte, p *chat.Profile) []byte {
	dst = appendKeyBool(appendKeyUser(dst, &p.User), `,"here":`, p.Here)
	if p.Here {
		dst = appendKeyTime(dst, `,"since":`, p.Since)
	}
	if p.Away != nil {
		dst = append(dst, `,"away":{`...)
		at := len(dst)
		dst = appendAbsence(dst, p.Away)
		dst = append(append(dst[:at], dst[at+1:]...), '}') // the comma before the first member
	}
	if p.Moderator {
		dst = append(dst, `,"moderator":true`...)
	}
	if p.Barred != nil {
		dst = appendKeyTime(dst, `,"barred":`, *p.Barred)
	}
	dst = append(dst, `,"in":[`...)
	for i, name := range p.Rooms {
		dst = appendString(appendComma(dst, i), string(name))
	}
	return append(dst, ']')
}
