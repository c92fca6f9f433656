-- +goose Up
-- Who went by which name before: what they said then is still under it.
CREATE TABLE former_names (
    name_key TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    PRIMARY KEY (name_key, user_id)
);
CREATE INDEX former_names_user ON former_names (user_id);

-- +goose Down
DROP TABLE former_names;
