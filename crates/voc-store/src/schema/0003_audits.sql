-- Audits: what a person says of drawn records without seeing what the model says. Kept
-- apart from corrections: nothing here changes a label that anybody is shown.

-- One draw.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,
    seed       INTEGER NOT NULL,
    per_label  INTEGER NOT NULL,
    first_day  TEXT NOT NULL,
    last_day   TEXT NOT NULL,
    -- JSON array of codes; empty for all.
    languages  TEXT NOT NULL,
    -- The store's version that was drawn from, and the model and taxonomy of its labels.
    version    INTEGER NOT NULL,
    annotator  TEXT NOT NULL,
    -- Records that could have been drawn.
    population INTEGER NOT NULL
) STRICT;

-- The records of a language with a label, as predicted at the time of the draw.
CREATE TABLE audit_stratum (
    audit    INTEGER NOT NULL REFERENCES audit (id),
    -- JSON of the label.
    label    TEXT NOT NULL,
    language TEXT NOT NULL,
    size     INTEGER NOT NULL CHECK (size > 0),
    chance   REAL NOT NULL CHECK (chance > 0 AND chance <= 1),
    PRIMARY KEY (audit, label, language)
) STRICT, WITHOUT ROWID;

-- What was drawn, with the labels predicted at that time and how likely it was to be drawn.
CREATE TABLE audit_record (
    audit     INTEGER NOT NULL REFERENCES audit (id),
    row       INTEGER NOT NULL REFERENCES record (row) ON DELETE CASCADE,
    chance    REAL NOT NULL CHECK (chance > 0 AND chance <= 1),
    predicted TEXT NOT NULL,
    PRIMARY KEY (audit, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_record_by_row ON audit_record (row);

-- What people say of them. Only ever added to; the last of a record counts.
CREATE TABLE audit_label (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    audit    INTEGER NOT NULL,
    row      INTEGER NOT NULL,
    at       TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    labels   TEXT NOT NULL,
    FOREIGN KEY (audit, row) REFERENCES audit_record (audit, row) ON DELETE CASCADE
) STRICT;
CREATE INDEX audit_label_by_record ON audit_label (audit, row, id);
CREATE TRIGGER audit_label_is_only_added_to BEFORE UPDATE ON audit_label
BEGIN
    SELECT raise(ABORT, 'an audit label is never changed');
END;
