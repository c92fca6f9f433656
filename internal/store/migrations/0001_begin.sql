-- +goose Up
-- Times are whole milliseconds since 1970 in UTC. The same text runs on SQLite and PostgreSQL.

CREATE TABLE users (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- what RFC 8266 compares; NULL once the name went to another user
    name_key   TEXT UNIQUE,
    -- guest (a name said on a socket), person (has had a session), account (has a key)
    kind       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

CREATE TABLE account_keys (
    hash       BYTEA PRIMARY KEY, -- SHA-256 of the key
    user_id    TEXT NOT NULL REFERENCES users (id),
    configured BOOLEAN NOT NULL DEFAULT FALSE, -- it stands in the configuration, and goes when it doesn't any more
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    hash       BYTEA PRIMARY KEY, -- SHA-256 of the cookie's random 256-bit token
    id         TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id),
    agent      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE rooms (
    name       TEXT PRIMARY KEY,
    last       BIGINT NOT NULL, -- the highest seq given
    -- the two of a private room, else NULL
    user_a     TEXT,
    user_b     TEXT,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX rooms_user_a ON rooms (user_a);
CREATE INDEX rooms_user_b ON rooms (user_b);

CREATE TABLE events (
    room      TEXT NOT NULL,
    seq       BIGINT NOT NULL,
    kind      SMALLINT NOT NULL,
    user_id   TEXT NOT NULL,
    user_name TEXT NOT NULL,
    client_id TEXT, -- NULL where a dialect has none
    body      TEXT NOT NULL, -- of a message: the latest; '' when deleted
    emoji     TEXT NOT NULL,
    is_on     BOOLEAN NOT NULL,
    reply_to  BIGINT NOT NULL,
    of_seq    BIGINT NOT NULL,
    edited    BIGINT NOT NULL, -- of a message: seq of its latest edit, or 0
    deleted   BIGINT NOT NULL, -- of a message: seq of its deletion, or 0
    at        BIGINT NOT NULL,
    -- The kind doesn't tell events apart: it is there so that pages of messages pass over others without looking at their rows. An
    -- index of messages alone costs every one of them a page more to write.
    PRIMARY KEY (room, seq, kind)
);
CREATE UNIQUE INDEX events_client_id ON events (user_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX events_edits ON events (room, of_seq) WHERE kind = 2;

CREATE TABLE reactions (
    room    TEXT NOT NULL,
    of_seq  BIGINT NOT NULL,
    emoji   TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seq     BIGINT NOT NULL, -- of the event that set it: their order
    PRIMARY KEY (room, of_seq, emoji, user_id)
);

CREATE TABLE memberships (
    user_id  TEXT NOT NULL,
    room     TEXT NOT NULL,
    joined   BOOLEAN NOT NULL,
    read_seq BIGINT NOT NULL,
    PRIMARY KEY (user_id, room)
);

-- +goose Down
DROP TABLE memberships;
DROP TABLE reactions;
DROP TABLE events;
DROP TABLE rooms;
DROP TABLE sessions;
DROP TABLE account_keys;
DROP TABLE users;
