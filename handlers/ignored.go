package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// hide marks what is of those whom the reader ignores: the message, or what it answers.
func (r *row) hide(ignored []chat.User) {
	isOf := func(user chat.UserID) bool {
		return slices.ContainsFunc(ignored, func(u chat.User) bool { return u.ID == user })
	}
	r.Ignored = isOf(r.User)
	if r.Quote != nil && isOf(r.Quote.User) {
		r.Quote.Ignored, r.Quote.Label = true, r.Say("js.quote.ignored")
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
