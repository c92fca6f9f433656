package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// hide marks the messages of those whom the reader ignores.
func (v *chatView) hide(ignored []chat.User) {
	for i := range v.Messages {
		m := &v.Messages[i]
		m.Ignored = slices.ContainsFunc(ignored, func(u chat.User) bool { return u.ID == m.User })
	}
}

// facesOf are users as the page's script knows them.
func facesOf(users []chat.User) []fiber.Map {
	faces := []fiber.Map{}
	for _, u := range users {
		faces = append(faces, fiber.Map{"user": u.ID, "name": u.Name})
	}
	return faces
}
