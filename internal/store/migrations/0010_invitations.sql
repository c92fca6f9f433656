-- +goose Up
-- Who asked a user into a closed room that they have not come into yet, '' for nobody.
ALTER TABLE memberships ADD COLUMN invited_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE memberships DROP COLUMN invited_by;
