-- +goose Up
-- whose messages a user doesn't want to see
CREATE TABLE ignores (
    user_id  TEXT NOT NULL,
    other_id TEXT NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (user_id, other_id)
);
CREATE INDEX ignores_other ON ignores (other_id);

-- +goose Down
DROP TABLE ignores;
