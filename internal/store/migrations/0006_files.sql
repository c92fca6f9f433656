-- +goose Up
-- What is known of the files that people send; the bytes lie beside the database.
CREATE TABLE files (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL, -- who uploaded it
    -- the message that has it, and its place there; '' and 0 until it is sent
    room       TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    place      SMALLINT NOT NULL,
    -- 0 uploaded, 1 sent, 2 to be forgotten with its bytes, 3 sent and its bytes to be removed, 4 sent and its bytes gone
    state      SMALLINT NOT NULL,
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    thumb_type TEXT NOT NULL, -- '' where there is no small picture
    thumb_size BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX files_message ON files (room, seq, place) WHERE seq > 0;
CREATE INDEX files_user ON files (user_id, state, size, thumb_size);
CREATE INDEX files_age ON files (state, created_at);

-- +goose Down
DROP TABLE files;
