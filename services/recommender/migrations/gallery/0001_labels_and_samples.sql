-- What a store owner taught: labels, and samples (embeddings) under them.
--
-- All times are microseconds since 1970-01-01 UTC. AUTOINCREMENT, because an
-- id that was given out must never come to mean something else, not even
-- after a delete.

CREATE TABLE labels (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    -- The name in lower case. SQLite folds ASCII only, so the program fills
    -- this in: "Käse" and "KÄSE" are one label.
    name_key    TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL CHECK (kind IN ('PRODUCT', 'BACKGROUND')),
    -- The trigger product; '' when the label stands for none.
    product_id  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- Embeddings of different models can't be compared, so each sample says which
-- one it is from. The model used last is known before the inference service
-- can be asked.
CREATE TABLE models (
    fingerprint  TEXT    PRIMARY KEY,
    id           TEXT    NOT NULL,
    dimensions   INTEGER NOT NULL CHECK (dimensions > 0),
    last_used_at INTEGER NOT NULL
) STRICT;

CREATE TABLE samples (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    label_id          INTEGER NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    model_fingerprint TEXT    NOT NULL REFERENCES models (fingerprint),
    -- models.dimensions floats of 32 bits, little-endian; unit length.
    embedding         BLOB    NOT NULL,
    created_at        INTEGER NOT NULL
) STRICT;

CREATE INDEX samples_by_label ON samples (label_id);
CREATE INDEX samples_by_model ON samples (model_fingerprint);

-- The small pictures that samples were made from, apart from them so that
-- reading all embeddings at start does not read past all pictures.
CREATE TABLE pictures (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    jpeg      BLOB NOT NULL
) STRICT;
