"""The schema of `run.db` as numbered migrations: a change is a new entry at the end, never an edit.

Every row that a screen follows carries the `revision` of the transaction that last wrote it, so that a reader with a
cursor finds what is new *and* what was filled in later. A completion's rowid is `group × COMPLETIONS_PER_GROUP +
number`, which keeps a group's completions side by side on disk.
"""

from __future__ import annotations

COMPLETIONS_PER_GROUP = 1024

RUN_MIGRATIONS = [
    """
    CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO counters VALUES ('revision', 0), ('groups', 0), ('completions', 0);

    CREATE TABLE problems (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        source TEXT NOT NULL,
        level TEXT,
        body BLOB NOT NULL,
        UNIQUE (id, body)
    );

    CREATE TABLE groups (
        id INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL,
        step INTEGER NOT NULL,
        split TEXT NOT NULL,
        decoding TEXT NOT NULL,
        superseded INTEGER NOT NULL DEFAULT 0,
        problem INTEGER NOT NULL REFERENCES problems (number),
        size INTEGER NOT NULL,
        mean REAL,
        std REAL,
        signal TEXT,
        outcomes TEXT NOT NULL,
        rewards TEXT NOT NULL,
        created_at REAL NOT NULL
    );
    CREATE INDEX groups_by_revision ON groups (revision);
    CREATE INDEX groups_by_step ON groups (step, id);
    CREATE INDEX groups_by_problem ON groups (problem, id);

    CREATE TABLE completions (
        id INTEGER PRIMARY KEY,
        text BLOB NOT NULL,
        token_count INTEGER,
        finish_reason TEXT,
        verdict BLOB,
        rewards TEXT NOT NULL,
        reward REAL,
        advantage REAL,
        weight REAL,
        mean_logprob REAL,
        entropy REAL
    );

    CREATE TABLE metric_keys (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
    CREATE TABLE metrics (
        key INTEGER NOT NULL REFERENCES metric_keys (number),
        step INTEGER NOT NULL,
        value REAL NOT NULL,
        revision INTEGER NOT NULL,
        PRIMARY KEY (key, step)
    ) WITHOUT ROWID;
    CREATE INDEX metrics_by_revision ON metrics (revision);

    CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY,
        step INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        body TEXT NOT NULL
    );
    CREATE INDEX evaluations_by_revision ON evaluations (revision);
    """,
]
