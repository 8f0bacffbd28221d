"""The schema of `run.db` as numbered migrations: a change is a new entry at the end, never an edit.

Every row that a screen follows carries the `revision` of the transaction that last wrote it, so that a reader with a
cursor finds what is new *and* what was filled in later. A completion's rowid is `group × COMPLETIONS_PER_GROUP +
number`, which keeps a group's completions side by side on disk.

What a screen would otherwise have to count over the whole history is kept by the writer: what each group's row says of
its completions, `blocks` of groups (what cannot be in them), totals, problems' histories, and the curves' `rollups`.
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
    """
    ALTER TABLE groups ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE groups ADD COLUMN finishes TEXT NOT NULL DEFAULT '';
    ALTER TABLE groups ADD COLUMN lengths TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE groups ADD COLUMN kinds INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE groups ADD COLUMN tokens_low INTEGER;
    ALTER TABLE groups ADD COLUMN tokens_high INTEGER;
    ALTER TABLE groups ADD COLUMN reward_low REAL;
    ALTER TABLE groups ADD COLUMN reward_high REAL;
    CREATE INDEX groups_by_split ON groups (split, id);
    CREATE INDEX completions_by_length ON completions (token_count);
    CREATE INDEX completions_by_reward ON completions (reward);

    CREATE TABLE origins (number INTEGER PRIMARY KEY, source TEXT NOT NULL, level TEXT);

    CREATE TABLE blocks (
        number INTEGER PRIMARY KEY,
        groups INTEGER NOT NULL,
        superseded INTEGER NOT NULL,
        classes INTEGER NOT NULL,
        kinds INTEGER NOT NULL,
        origins INTEGER NOT NULL,
        step_low INTEGER NOT NULL,
        step_high INTEGER NOT NULL,
        tokens_low INTEGER,
        tokens_high INTEGER,
        reward_low REAL,
        reward_high REAL
    );

    CREATE TABLE group_totals (
        superseded INTEGER NOT NULL,
        split TEXT NOT NULL,
        decoding TEXT NOT NULL,
        signal TEXT NOT NULL,
        origin INTEGER NOT NULL,
        kinds INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (superseded, split, decoding, signal, origin, kinds)
    ) WITHOUT ROWID;
    CREATE TABLE completion_totals (
        superseded INTEGER NOT NULL,
        split TEXT NOT NULL,
        decoding TEXT NOT NULL,
        signal TEXT NOT NULL,
        origin INTEGER NOT NULL,
        kinds INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (superseded, split, decoding, signal, origin, kinds)
    ) WITHOUT ROWID;

    CREATE TABLE histories (
        problem INTEGER NOT NULL REFERENCES problems (number),
        split TEXT NOT NULL,
        visits INTEGER NOT NULL,
        completions INTEGER NOT NULL,
        correct INTEGER NOT NULL,
        first_rate REAL NOT NULL,
        last_rate REAL NOT NULL,
        change REAL NOT NULL,
        rates TEXT NOT NULL,
        last_outcomes TEXT NOT NULL,
        last_group INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        PRIMARY KEY (problem, split)
    ) WITHOUT ROWID;
    CREATE INDEX histories_by_last_group ON histories (split, last_group, problem);
    CREATE INDEX histories_by_visits ON histories (split, visits, problem);
    CREATE INDEX histories_by_last_rate ON histories (split, last_rate, problem);
    CREATE INDEX histories_by_change ON histories (split, change, problem);

    ALTER TABLE metric_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'metric';
    CREATE TABLE rollups (
        key INTEGER NOT NULL REFERENCES metric_keys (number),
        level INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        low REAL NOT NULL,
        high REAL NOT NULL,
        total REAL NOT NULL,
        points INTEGER NOT NULL,
        PRIMARY KEY (key, level, bucket)
    ) WITHOUT ROWID;
    INSERT INTO counters VALUES ('open_bucket', 0);
    """,
    """
    ALTER TABLE completions ADD COLUMN importance_weight REAL;
    ALTER TABLE completions ADD COLUMN reference_logprob REAL;
    """,
]
"""The first migration holds what was recorded; from the second on there is also what is summed up of it (see
`summaries`), which whoever migrates from the first makes from what was recorded."""
