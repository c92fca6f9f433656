-- +goose Up
-- the public rooms in which something was said, the latest used first
CREATE INDEX rooms_said ON rooms (user_a, used_at DESC, name) WHERE last > 0;
-- rooms in which nothing was ever said, and who is in one: what the daily clearing up looks for
CREATE INDEX rooms_silent ON rooms (name) WHERE last = 0;
CREATE INDEX memberships_room ON memberships (room);

-- +goose Down
DROP INDEX memberships_room;
DROP INDEX rooms_silent;
DROP INDEX rooms_said;
