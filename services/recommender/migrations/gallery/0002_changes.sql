-- Undo, an audit log, and embeddings of more than one model for a sample.
--
-- Nothing is deleted at once: a row is marked with the change that deleted it
-- and erased when that change is purged. A change is undone from the marks it
-- left: rows it created (created_by), rows it deleted (deleted_by), and what
-- `before` says of fields it overwrote.
--
-- Tables with new constraints are made anew and take over the rows; ids stay.

CREATE TABLE changes (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('CREATE_LABEL', 'UPDATE_LABEL', 'DELETE_LABEL', 'ADD_SAMPLES',
                                               'MOVE_SAMPLE', 'DELETE_SAMPLE', 'IMPORT', 'UNDO')),
    -- One sentence for people.
    summary   TEXT    NOT NULL,
    -- UPDATE_LABEL and MOVE_SAMPLE: the overwritten fields, as JSON.
    before    TEXT,
    -- The UNDO that took it back.
    undone_by INTEGER REFERENCES changes (id),
    -- Whether what it left can still be taken back: not for an UNDO, and not
    -- after it was purged.
    undoable  INTEGER NOT NULL CHECK (undoable IN (0, 1))
) STRICT;

CREATE TABLE new_labels (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    -- The name in lower case. SQLite folds ASCII only, so the program fills
    -- this in: "Käse" and "KÄSE" are one label.
    name_key    TEXT    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('PRODUCT', 'BACKGROUND')),
    -- The trigger product; '' when the label stands for none.
    product_id  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    -- NULL: before changes were noted.
    created_by  INTEGER,
    -- NULL: it is there.
    deleted_by  INTEGER
) STRICT;

INSERT INTO new_labels (id, name, name_key, kind, product_id, created_at)
SELECT id, name, name_key, kind, product_id, created_at FROM labels;

CREATE TABLE new_samples (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    label_id    INTEGER NOT NULL REFERENCES new_labels (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    created_by  INTEGER,
    deleted_by  INTEGER
) STRICT;

INSERT INTO new_samples (id, label_id, created_at) SELECT id, label_id, created_at FROM samples;

-- A sample has an embedding for each model that has seen it; a model that
-- comes back finds its own.
CREATE TABLE embeddings (
    sample_id         INTEGER NOT NULL REFERENCES new_samples (id) ON DELETE CASCADE,
    model_fingerprint TEXT    NOT NULL REFERENCES models (fingerprint),
    -- One or more views, the picture itself first and then parts of it seen
    -- closer: models.dimensions floats of 32 bits each, little-endian, of unit
    -- length. NULL: the model could not embed the sample's picture.
    views             BLOB,
    PRIMARY KEY (sample_id, model_fingerprint)
) STRICT;

INSERT INTO embeddings (sample_id, model_fingerprint, views)
SELECT id, model_fingerprint, embedding FROM samples;

CREATE TABLE new_pictures (
    sample_id INTEGER PRIMARY KEY REFERENCES new_samples (id) ON DELETE CASCADE,
    jpeg      BLOB NOT NULL
) STRICT;

INSERT INTO new_pictures (sample_id, jpeg) SELECT sample_id, jpeg FROM pictures;

-- An id that was given out must never come to mean something else, also when
-- the row that had the highest one is gone.
DELETE FROM sqlite_sequence WHERE name IN ('new_labels', 'new_samples');
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_' || name, seq FROM sqlite_sequence WHERE name IN ('labels', 'samples');

-- From the leaves to the root, so that no foreign key takes anything along.
DROP TABLE pictures;
DROP TABLE samples;
DROP TABLE labels;
ALTER TABLE new_labels RENAME TO labels;
ALTER TABLE new_samples RENAME TO samples;
ALTER TABLE new_pictures RENAME TO pictures;

-- The name of a deleted label is free.
CREATE UNIQUE INDEX labels_by_name ON labels (name_key) WHERE deleted_by IS NULL;
CREATE INDEX samples_by_label ON samples (label_id);
CREATE INDEX labels_by_change ON labels (created_by);
CREATE INDEX labels_by_deletion ON labels (deleted_by);
CREATE INDEX samples_by_change ON samples (created_by);
CREATE INDEX samples_by_deletion ON samples (deleted_by);
CREATE INDEX embeddings_by_model ON embeddings (model_fingerprint);

-- Embeddings of built-in pictures that show no product, one after the other:
-- how similar unrelated pictures are to this model.
ALTER TABLE models ADD COLUMN probes BLOB;
