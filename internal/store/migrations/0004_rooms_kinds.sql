-- +goose Up
-- What a room is beside its log.
ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN password TEXT NOT NULL DEFAULT ''; -- Argon2id of it, '' where there is none
ALTER TABLE rooms ADD COLUMN archived BOOLEAN NOT NULL DEFAULT FALSE;
-- it stands in nobody's list but its members': a room by invitation, or one that is archived
ALTER TABLE rooms ADD COLUMN unlisted BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX rooms_said;
CREATE INDEX rooms_said ON rooms (user_a, used_at DESC, name) WHERE last > 0 AND NOT unlisted;
CREATE INDEX rooms_archived ON rooms (used_at DESC, name) WHERE archived;

-- 0 nothing, 1 member (of a closed room: may read it), 2 moderator, 3 owner
ALTER TABLE memberships ADD COLUMN role SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN muted BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE pins (
    room    TEXT NOT NULL,
    of_seq  BIGINT NOT NULL,
    seq     BIGINT NOT NULL, -- of the event that pinned it: their order
    PRIMARY KEY (room, of_seq)
);

-- +goose Down
DROP TABLE pins;
ALTER TABLE memberships DROP COLUMN muted;
ALTER TABLE memberships DROP COLUMN role;
DROP INDEX rooms_archived;
DROP INDEX rooms_said;
CREATE INDEX rooms_said ON rooms (user_a, used_at DESC, name) WHERE last > 0;
ALTER TABLE rooms DROP COLUMN unlisted;
ALTER TABLE rooms DROP COLUMN archived;
ALTER TABLE rooms DROP COLUMN password;
ALTER TABLE rooms DROP COLUMN topic;
