-- +goose Up
-- who keeps order in the whole chat: accounts alone
ALTER TABLE users ADD COLUMN moderator BOOLEAN NOT NULL DEFAULT FALSE;
-- until when a user is kept out, and nobody else gets the name; 0 where they aren't
ALTER TABLE users ADD COLUMN barred_until BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE users DROP COLUMN barred_until;
ALTER TABLE users DROP COLUMN moderator;
