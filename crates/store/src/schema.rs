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
    hash TEXT NOT NULL,             -- of the records it was read from
    as_of TEXT NOT NULL,            -- instant the case speaks of
    body TEXT NOT NULL,             -- the case, JSON
    do_not_contact TEXT             -- why and by whom, JSON; null = may be contacted
) STRICT;

CREATE TABLE trial (
    id TEXT PRIMARY KEY,
    version TEXT,                   -- day the source states; null = none
    hash TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE trial_version (        -- all that was ever current
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    version TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (id, hash)
) STRICT;
CREATE TRIGGER trial_version_stays BEFORE UPDATE ON trial_version
    BEGIN SELECT RAISE(ABORT, 'versions of trials are only added'); END;
CREATE TRIGGER trial_version_is_kept BEFORE DELETE ON trial_version
    BEGIN SELECT RAISE(ABORT, 'versions of trials are only added'); END;

CREATE TABLE answer (               -- the newest answer for a patient and an arm
    patient TEXT NOT NULL REFERENCES patient(id) ON DELETE CASCADE,
    trial TEXT NOT NULL REFERENCES trial(id),
    arm TEXT NOT NULL,
    answer TEXT NOT NULL,
    rank INTEGER NOT NULL,          -- smaller stands first on a list
    truths TEXT NOT NULL,           -- criterion id to truth, JSON
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
    body TEXT NOT NULL,             -- the entry without its history, JSON
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
    seen INTEGER NOT NULL,          -- 0 open, 1 seen
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert(patient, trial) WHERE seen = 0;
";
