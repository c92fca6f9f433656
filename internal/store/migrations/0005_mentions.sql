-- +goose Up
-- Whom a message means, as long as it means them: an edit changes that, a deletion ends it. A table of its own: most mean nobody.
CREATE TABLE mentions (
    user_id TEXT NOT NULL, -- '' is everybody who was there: their own rows have no name
    room    TEXT NOT NULL,
    seq     BIGINT NOT NULL, -- of the message
    name    TEXT NOT NULL, -- as the text has it
    at      BIGINT NOT NULL, -- when the message was sent
    PRIMARY KEY (user_id, room, seq, name)
);
CREATE INDEX mentions_latest ON mentions (user_id, at, room, seq);
CREATE INDEX mentions_message ON mentions (room, seq);

-- +goose Down
DROP TABLE mentions;
