-- What providers answered, and what is still to be told them. A database of
-- its own: all of it may be lost without harm, so it is written without waiting
-- for the disk, and no backup of what was taught has to carry it.
--
-- All times are microseconds since 1970-01-01 UTC.

CREATE TABLE answers (
    -- Which provider, tenant and settings; answers of others are never read.
    scope      TEXT    NOT NULL,
    -- The trigger product and the language.
    origin     TEXT    NOT NULL,
    product_id TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    -- The cards, as JSON.
    cards      TEXT    NOT NULL,
    fetched_at INTEGER NOT NULL,
    -- How long it counts as fresh, in microseconds.
    fresh_for  INTEGER NOT NULL,
    PRIMARY KEY (scope, origin, product_id, language)
) STRICT;

CREATE TABLE feedback (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    scope          TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('IMPRESSION', 'CLICK')),
    -- Where the provider recommended it.
    slot           TEXT    NOT NULL,
    -- IMPRESSION: the start of the window that is summed up. CLICK: when.
    at             INTEGER NOT NULL,
    -- CLICK: the product.
    product_origin TEXT    NOT NULL,
    product_id     TEXT    NOT NULL,
    -- IMPRESSION: how often cards came up, and how many cards in all.
    impressions    INTEGER NOT NULL,
    items          INTEGER NOT NULL,
    -- How often the provider refused it.
    refusals       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX impressions_by_window ON feedback (scope, slot, at) WHERE kind = 'IMPRESSION';
