//! Tables, as steps from one version to the next. A step that was shipped never changes.

/// Version of the schema this program writes.
pub const VERSION: u32 = 1;

const STEPS: [&str; 1] = [ONE];

/// The steps that bring a store of version `found` to [`VERSION`].
pub fn steps_after(found: u32) -> impl Iterator<Item = &'static str> {
    STEPS.into_iter().skip(usize::try_from(found).unwrap_or(usize::MAX))
}

const ONE: &str = "
CREATE TABLE patient (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL DEFAULT 0,    -- grows with every record that comes or changes
    corrected INTEGER NOT NULL DEFAULT 0,   -- revision at which a record was last replaced by other words
    screened INTEGER,                       -- revision that was screened last; null = never
    day TEXT,                               -- day of that screening
    trials TEXT,                            -- trial_set of that screening
    about TEXT NOT NULL DEFAULT '',         -- age, sex, tumour in words
    problem TEXT,                           -- why the records make no case
    do_not_contact TEXT                     -- why and by whom, JSON; null = may be contacted
) STRICT;

CREATE TABLE alias (                        -- names by which records speak of a patient
    alias TEXT PRIMARY KEY,                 -- Patient/abc, or system|value
    patient TEXT NOT NULL REFERENCES patient(id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE record (                       -- records as handed in: the truth about a patient
    patient TEXT NOT NULL,                  -- empty: of nobody, used by those who name it
    name TEXT NOT NULL,                     -- file name, or Type/id of a line
    sha256 TEXT NOT NULL,
    version TEXT,                           -- as the record states it
    needs TEXT,                             -- Type/id of a record of nobody that it names
    body BLOB NOT NULL,
    PRIMARY KEY (patient, name)
) STRICT;
CREATE INDEX record_by_need ON record(needs) WHERE needs IS NOT NULL;

CREATE TABLE trial_set (                    -- trials and rules a screening was made with
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL                      -- trial id to hash, JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (                       -- the newest answer for a patient and an arm; can be made again
    patient TEXT NOT NULL REFERENCES patient(id) ON DELETE CASCADE,
    trial TEXT NOT NULL,
    arm TEXT NOT NULL,
    answer TEXT NOT NULL,
    rank INTEGER NOT NULL,                  -- smaller stands first on a list
    truths TEXT NOT NULL,                   -- criterion key to truth, JSON
    body TEXT NOT NULL,                     -- what lists show of it, JSON
    PRIMARY KEY (patient, trial, arm)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_by_trial ON answer(trial, rank);

CREATE TABLE entry (
    patient TEXT NOT NULL,
    trial TEXT NOT NULL,
    arm TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT,
    due TEXT,
    body TEXT NOT NULL,                     -- the entry without its history, JSON
    PRIMARY KEY (patient, trial, arm)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_by_state ON entry(state, due);

CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    patient TEXT NOT NULL,
    trial TEXT NOT NULL,
    arm TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX event_of ON event(patient, trial, arm, seq);
CREATE TRIGGER event_stays BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;

CREATE TABLE alert (
    seq INTEGER PRIMARY KEY,
    patient TEXT NOT NULL,
    trial TEXT NOT NULL,
    seen INTEGER NOT NULL,                  -- 0 open, 1 seen
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert(patient, trial) WHERE seen = 0;
";
