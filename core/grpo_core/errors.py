"""One error tree: every error that a person can cause or mend says in one sentence what to do."""


class GrpoDashError(Exception):
    """Base of everything that grpo-dash raises on purpose; its text is shown to the person as it is."""


class ConfigError(GrpoDashError):
    """A setting that cannot work: unknown, out of range, or contradicting another."""


class ProblemsError(GrpoDashError):
    """A problem set that is missing, unreadable or empty."""


class EvalDatasetError(ProblemsError):
    """The same of the problems that `eval_dataset` names."""


class StoreError(GrpoDashError):
    """A run's database that is missing, damaged, of another kind, or on a file system that cannot hold it."""


class DiskFullError(StoreError):
    """The disk had no room for what was to be written to a database: nothing of it was."""


class RunError(GrpoDashError):
    """A run that does not exist, or is not in a state in which this can be done."""


class BadReferenceError(GrpoDashError):
    """A reference (`RUN/group/GID/k/I`) that does not parse or points at nothing."""
