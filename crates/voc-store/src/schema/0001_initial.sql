-- The first schema of a VoC Pulse store.
--
-- Days are ISO dates (2026-08-03) in the store's time zone. Points in time are RFC 3339,
-- except `updated_at`, which is compared: microseconds since 1970-01-01T00:00:00Z.
-- Hashes are raw HMAC-SHA-256 (32 bytes); pseudonyms are their hexadecimal form.

-- What holds for the whole store: exactly one row.
CREATE TABLE store (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    -- Counts committed chunks and deletions; every report prints it.
    version   INTEGER NOT NULL,
    -- The one model and taxonomy that made every vector and label; set by the first write.
    annotator TEXT,
    -- The zone that days are counted in; set by the first writer.
    time_zone TEXT
) STRICT;
INSERT INTO store (id, version) VALUES (1, 0);

-- Identity and version of each record. Kept thin: comparing, counting and joining facts
-- read this table and never touch the text. AUTOINCREMENT, so that an index never meets
-- an old row number with a new record behind it.
CREATE TABLE record (
    row        INTEGER PRIMARY KEY AUTOINCREMENT,
    source     TEXT NOT NULL,
    id         TEXT NOT NULL,
    content    BLOB NOT NULL CHECK (length(content) = 32),
    updated_at INTEGER,
    model      TEXT NOT NULL,
    taxonomy   TEXT NOT NULL,
    -- Store version of the last change.
    changed_at INTEGER NOT NULL,
    UNIQUE (source, id)
) STRICT;
CREATE INDEX record_by_change ON record (changed_at);

-- The redacted record and its annotation as JSON.
CREATE TABLE document (
    row        INTEGER PRIMARY KEY REFERENCES record (row) ON DELETE CASCADE,
    record     TEXT NOT NULL,
    annotation TEXT NOT NULL
) STRICT;

-- One vector per record: scale (little-endian f32), then one byte per dimension.
CREATE TABLE vector (
    row   INTEGER PRIMARY KEY REFERENCES record (row) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

-- One vector per sentence, in reading order. `part`: -2 title, -1 text, else the index of
-- the message. The span counts Unicode scalar values.
CREATE TABLE sentence_vector (
    row        INTEGER NOT NULL REFERENCES record (row) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    part       INTEGER NOT NULL CHECK (part >= -2),
    span_start INTEGER NOT NULL,
    span_end   INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (row, number)
) STRICT, WITHOUT ROWID;

-- One record as statistics see it: no text, no personal data.
CREATE TABLE record_fact (
    row                    INTEGER PRIMARY KEY REFERENCES record (row) ON DELETE CASCADE,
    day                    TEXT NOT NULL,
    channel                TEXT NOT NULL,
    language               TEXT NOT NULL,
    customer               TEXT,
    prospect               INTEGER NOT NULL CHECK (prospect IN (0, 1)),
    tier                   TEXT,
    product                TEXT,
    -- JSON array of ids, in the annotation's order.
    kinds                  TEXT NOT NULL,
    sentiment              TEXT NOT NULL,
    urgency                INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 3),
    touchpoint             TEXT,
    nps                    REAL,
    csat                   REAL,
    ces                    REAL,
    stars                  REAL,
    first_response_seconds INTEGER,
    resolution_seconds     INTEGER,
    -- JSON: {"type", "at"}.
    outcome                TEXT
) STRICT;
CREATE INDEX record_fact_by_day ON record_fact (day);

-- One theme of one record on one day; a record counts once per day, theme and target.
CREATE TABLE mention_fact (
    row        INTEGER NOT NULL REFERENCES record (row) ON DELETE CASCADE,
    day        TEXT NOT NULL,
    theme      TEXT NOT NULL,
    competitor INTEGER NOT NULL CHECK (competitor IN (0, 1)),
    sentiment  TEXT NOT NULL,
    touchpoint TEXT,
    score      REAL NOT NULL,
    PRIMARY KEY (row, day, theme, competitor)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_fact_by_day ON mention_fact (day);

-- Rollups: how many facts carry a combination. Changed in the transaction that changes
-- the facts; a combination that no fact carries has no row: the index of
-- empty ones, itself always empty between transactions, finds those to remove.
CREATE TABLE day_channel_language (
    day      TEXT NOT NULL,
    channel  TEXT NOT NULL,
    language TEXT NOT NULL,
    records  INTEGER NOT NULL CHECK (records >= 0),
    PRIMARY KEY (day, channel, language)
) STRICT, WITHOUT ROWID;
CREATE INDEX day_channel_language_empty ON day_channel_language (records) WHERE records = 0;

CREATE TABLE day_theme_sentiment (
    day        TEXT NOT NULL,
    theme      TEXT NOT NULL,
    sentiment  TEXT NOT NULL,
    competitor INTEGER NOT NULL,
    records    INTEGER NOT NULL CHECK (records >= 0),
    PRIMARY KEY (day, theme, sentiment, competitor)
) STRICT, WITHOUT ROWID;
CREATE INDEX day_theme_sentiment_empty ON day_theme_sentiment (records) WHERE records = 0;

CREATE TABLE day_kind (
    day     TEXT NOT NULL,
    kind    TEXT NOT NULL,
    records INTEGER NOT NULL CHECK (records >= 0),
    PRIMARY KEY (day, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX day_kind_empty ON day_kind (records) WHERE records = 0;

CREATE TABLE source_language (
    source   TEXT NOT NULL,
    language TEXT NOT NULL,
    records  INTEGER NOT NULL CHECK (records >= 0),
    PRIMARY KEY (source, language)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_language_empty ON source_language (records) WHERE records = 0;

-- Which rows were deleted at which version, so that an index can follow. Holds the key,
-- never the content.
CREATE TABLE deletion (
    row     INTEGER PRIMARY KEY,
    source  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX deletion_by_version ON deletion (version);

-- One `voc run`. Without `finished_at` it was interrupted, or is still going.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at  TEXT NOT NULL,
    model       TEXT NOT NULL,
    taxonomy    TEXT NOT NULL,
    as_of       TEXT NOT NULL,
    finished_at TEXT,
    outcome     TEXT CHECK (outcome IN ('done', 'incomplete', 'failed')),
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
) STRICT;

-- What a run did per source, added up chunk by chunk: right even when it was interrupted.
CREATE TABLE run_source (
    run             INTEGER NOT NULL REFERENCES run (id),
    source          TEXT NOT NULL,
    read            INTEGER NOT NULL,
    added           INTEGER NOT NULL,
    replaced        INTEGER NOT NULL,
    unchanged       INTEGER NOT NULL,
    stale           INTEGER NOT NULL,
    dead            INTEGER NOT NULL,
    without_consent INTEGER NOT NULL,
    PRIMARY KEY (run, source)
) STRICT, WITHOUT ROWID;

-- How far each file of each source was read.
CREATE TABLE bookmark (
    source      TEXT NOT NULL,
    file        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    items       INTEGER NOT NULL,
    done        INTEGER NOT NULL CHECK (done IN (0, 1)),
    PRIMARY KEY (source, file)
) STRICT, WITHOUT ROWID;

-- Input that could not be used: where it is and why, never what it says.
CREATE TABLE dead_letter (
    id       INTEGER PRIMARY KEY,
    source   TEXT NOT NULL,
    file     TEXT NOT NULL,
    position INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    run      INTEGER NOT NULL REFERENCES run (id),
    UNIQUE (source, file, position, hash)
) STRICT;
