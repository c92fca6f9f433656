-- +goose Up
-- The words of messages, under the rowid of their event: see search_sqlite.go. This is SQLite's alone. Nothing but the words is kept,
-- and of a word in a message only that it is there. It is filled behind the log, so that a database of years starts at once.
CREATE VIRTUAL TABLE search USING fts5 (words, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '#@=._-'");
-- What is taken out is gone, not only marked.
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
-- Merging is done in small steps with each batch, not in a large one now and then.
INSERT INTO search (search, rank) VALUES ('automerge', 0);

CREATE TABLE search_state (
    form    INTEGER PRIMARY KEY, -- how words are taken out of texts: where that changes, the index is made anew
    reaches BIGINT NOT NULL      -- every message up to this event is in the index
);

-- +goose Down
DROP TABLE search_state;
DROP TABLE search;
