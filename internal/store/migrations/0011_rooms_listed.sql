-- +goose Up
-- A room with a password is made on purpose, and looked for by those who were told its password: it is listed before anything is said.
DROP INDEX rooms_said;
CREATE INDEX rooms_listed ON rooms (user_a, used_at DESC, name) WHERE (last > 0 OR password <> '') AND NOT unlisted;

-- +goose Down
DROP INDEX rooms_listed;
CREATE INDEX rooms_said ON rooms (user_a, used_at DESC, name) WHERE last > 0 AND NOT unlisted;
