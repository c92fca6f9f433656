package chat

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
)

// places seals where searches go on. These places count the events of the whole server: by their steps anybody could count what
// others say to each other. So nobody is shown one, nor whether two are the same or which is later.
//
// A place is one block of AES (FIPS 197): the place, 4 random bytes, and 4 that are 0, by which one is known that was made here.
// Its key is made at the start of the process and kept nowhere. What is sealed is no right: a search finds what its reader may
// read, whoever was told the place.
type places struct{ block cipher.Block }

var placeText = base64.RawURLEncoding.Strict()

func newPlaces() places {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // of a key of another length alone
	}
	return places{block}
}

// seal makes the text that a place is known by; "" of 0, which is none.
func (p places) seal(at int64) string {
	if at == 0 {
		return ""
	}
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(at))
	_, _ = rand.Read(b[8:12])
	p.block.Encrypt(b[:], b[:])
	return placeText.EncodeToString(b[:])
}

// open reads such a text, and refuses one that was not made by this process.
func (p places) open(sealed string) (int64, error) {
	if sealed == "" {
		return 0, nil
	}
	b, err := placeText.DecodeString(sealed)
	if err == nil && len(b) == aes.BlockSize && len(sealed) == placeText.EncodedLen(len(b)) { // the decoder jumps over ends of lines
		p.block.Decrypt(b, b)
		if at := int64(binary.BigEndian.Uint64(b)); at > 0 && binary.BigEndian.Uint32(b[12:]) == 0 {
			return at, nil
		}
	}
	return 0, Errorf(CodeBadRequest, "This place is not known any more; search again without before.")
}
