package wire

import "parley/internal/chat"

// The examples of files.

var (
	cat  = chat.File{ID: "KZ3T5QG7C2W4X6Y7A2B3C4D5E6", Name: "cat.jpg", Type: "image/jpeg", Size: 482133, Width: 4032, Height: 3024, Thumb: true}
	plan = chat.File{ID: "A2B3C4D5E6F7G2H3I4J5K6L7M2", Name: "the plan.pdf", Type: "application/pdf", Size: 12288}
	old  = chat.File{ID: "Q2W3E4R5T6Y7U2I3O4P5A6S7D2", Name: "film.mp4", Type: "video/mp4", Size: 73400320, Gone: true}
)

const (
	catMember  = `{"id":"KZ3T5QG7C2W4X6Y7A2B3C4D5E6","name":"cat.jpg","type":"image/jpeg","size":482133,"width":4032,"height":3024,"url":"/files/KZ3T5QG7C2W4X6Y7A2B3C4D5E6/cat.jpg","thumb":"/thumbs/KZ3T5QG7C2W4X6Y7A2B3C4D5E6"}`
	planMember = `{"id":"A2B3C4D5E6F7G2H3I4J5K6L7M2","name":"the plan.pdf","type":"application/pdf","size":12288,"url":"/files/A2B3C4D5E6F7G2H3I4J5K6L7M2/the%20plan.pdf"}`
	oldMember  = `{"id":"Q2W3E4R5T6Y7U2I3O4P5A6S7D2","name":"film.mp4","type":"video/mp4","size":73400320}`
)

func init() {
	clientExamples = append(clientExamples,
		heard{
			dialect: JSON, frame: `{"type":"send","id":"f1","room":"lobby","text":"hi","files":["KZ3T5QG7C2W4X6Y7A2B3C4D5E6","A2B3C4D5E6F7G2H3I4J5K6L7M2"]}`,
			command: chat.Command{Kind: chat.CmdSend, Ref: "f1", ID: "f1", Room: "lobby", Text: "hi", Files: []string{cat.ID, plan.ID}, Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"send","id":"f2","room":"lobby","files":["KZ3T5QG7C2W4X6Y7A2B3C4D5E6"]}`,
			command: chat.Command{Kind: chat.CmdSend, Ref: "f2", ID: "f2", Room: "lobby", Files: []string{cat.ID}, Since: -1},
		},
	)
	shown := with(*hi, func(e *chat.Event) { e.ClientID, e.Files = "f1", []chat.File{cat, plan} })
	alone := with(message(43, ada, ""), func(e *chat.Event) { e.Files = []chat.File{old} })
	serverExamples = append(serverExamples,
		said{JSON, `{"type":"message","room":"lobby","seq":42,"id":"f1","user":"u_ada","name":"Ada","text":"hi","html":"<p>hi</p>","time":"2026-11-21T09:20:00.000Z","files":[` + catMember + `,` + planMember + `]}`, shown},
		said{JSON, `{"type":"message","room":"lobby","seq":43,"user":"u_ada","name":"Ada","text":"","html":"","time":"2026-11-21T09:20:00.000Z","files":[` + oldMember + `]}`, alone},
		said{Text, `Ada: film.mp4 (73 MB)`, alone},
		said{Pipe, `2026-11-21T09:20:00.000Z|Ada|hi\ncat.jpg (482 kB) /files/KZ3T5QG7C2W4X6Y7A2B3C4D5E6/cat.jpg\nthe plan.pdf (12 kB) /files/A2B3C4D5E6F7G2H3I4J5K6L7M2/the%20plan.pdf`, shown},
		said{RPC, `{"id":0,"code":0,"message":"message","body":"Ada: film.mp4 (73 MB)"}`, alone},
	)
}
