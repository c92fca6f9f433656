package conn

import "sync/atomic"

// Counters count what connections do, so that their owner can show it. Connections that are given the same Counters count together.
// The zero value is ready; everything in it may be read at any time.
type Counters struct {
	FramesIn  atomic.Int64 // frames that came, control frames and fragments too
	FramesOut atomic.Int64 // frames that were taken to be sent, ours and what was given to Write
	BytesIn   atomic.Int64 // of frames that came, their headers too
	BytesOut  atomic.Int64 // that the kernel took

	PingsIn  atomic.Int64 // pings that came; each was answered while its connection could be written to
	PingsOut atomic.Int64 // pings to connections that were silent
	Silent   atomic.Int64 // connections that did not answer one, and were given up

	Backlog atomic.Int64 // bytes that wait now for connections that are slower than the others
	Behind  atomic.Int64 // connections that something waits for now
	Dropped atomic.Int64 // bytes that waited and were never sent, as their connection ended

	TooManyFrames    atomic.Int64 // connections closed over Limits.Frames
	TooManyFragments atomic.Int64 // connections closed over Limits.Fragments

	ends [2][len(closeCodes) + 1]atomic.Int64 // by who closed (1 is this side), and the code's place in closeCodes; the last is others
}

// closeCodes are those that are counted one by one. The other side may make up thousands more.
var closeCodes = [...]int{
	closeNormal, closeGoingAway, closeProtocol, closeUnsupported, closeNoStatus, closeAbnormal, closeNotUTF8, closePolicy, closeTooBig,
	1010, 1011, 1013, 4000, 4001, 4002, closeTooSlow, 4004,
}

// End is how many connections ended in one way.
type End struct {
	Code  int  // 0 for codes that are not counted one by one; 1006 where none came or went
	Ours  bool // this side closed it
	Count int64
}

// Ends says how connections ended, of each way that happened at least once. Those that were closed too slow to read are 4003.
func (k *Counters) Ends() []End {
	var ends []End
	for ours := range k.ends {
		for i := range k.ends[ours] {
			e := End{Ours: ours == 1, Count: k.ends[ours][i].Load()}
			if i < len(closeCodes) {
				e.Code = closeCodes[i]
			}
			if e.Count > 0 {
				ends = append(ends, e)
			}
		}
	}
	return ends
}

func (k *Counters) end(code int, ours bool) {
	place, side := len(closeCodes), 0
	for i, known := range closeCodes {
		if code == known {
			place = i
		}
	}
	if ours {
		side = 1
	}
	k.ends[side][place].Add(1)
}

// countFrames says how many frames, as a server writes them, follow each other in p.
func countFrames(p []byte) (frames int64) {
	for len(p) >= 2 {
		header, length := 2, uint64(p[1]&0x7F)
		switch {
		case length == 126 && len(p) >= 4:
			header, length = 4, uint64(p[2])<<8|uint64(p[3])
		case length == 127 && len(p) >= 10:
			header, length = 10, uint64(p[6])<<24|uint64(p[7])<<16|uint64(p[8])<<8|uint64(p[9]) // up to 4 GiB, as no frame of ours is longer
		}
		frames++
		if length >= uint64(len(p)-header) {
			break
		}
		p = p[header+int(length):]
	}
	return frames
}
