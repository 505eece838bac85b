-- What people say about labels, laid over what the model says.

-- Only ever added to. Those after a record's last withdrawal are in force, in the order of
-- their ids. They may quote the record, so they go with it.
CREATE TABLE correction (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    row      INTEGER NOT NULL REFERENCES record (row) ON DELETE CASCADE,
    at       TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    note     TEXT,
    -- JSON of the correction; NULL withdraws everything said before.
    labels   TEXT
) STRICT;
CREATE INDEX correction_by_record ON correction (row, id);
CREATE TRIGGER correction_is_only_added_to BEFORE UPDATE ON correction
BEGIN
    SELECT raise(ABORT, 'a correction is never changed');
END;

-- What the model itself says about each record with corrections in force; the annotation in
-- `document`, and all that is derived from it, has them laid over.
CREATE TABLE model_annotation (
    row        INTEGER PRIMARY KEY REFERENCES record (row) ON DELETE CASCADE,
    annotation TEXT NOT NULL
) STRICT;
