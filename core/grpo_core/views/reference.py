"""References: one way to name a run, step, group, completion or problem in a URL, the terminal and the command line.

`RUN[/step/N | /group/GID[/k/I] | /problem/PID]`
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grpo_core.errors import BadReferenceError

_FORM = re.compile(
    r"(?P<run>[a-z0-9][a-z0-9-]{0,59})"
    r"(?:/step/(?P<step>\d{1,9})|/group/(?P<group>\d{1,15})(?:/k/(?P<k>\d{1,4}))?|/problem/(?P<problem>[^/\s]{1,200}))?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference; `str` gives its text back."""

    run: str
    step: int | None = None
    group: int | None = None
    completion: int | None = None
    problem: str | None = None

    def __str__(self) -> str:
        if self.step is not None:
            return f"{self.run}/step/{self.step}"
        if self.problem is not None:
            return f"{self.run}/problem/{self.problem}"
        if self.group is None:
            return self.run
        completion = "" if self.completion is None else f"/k/{self.completion}"
        return f"{self.run}/group/{self.group}{completion}"


def parse_reference(text: str) -> Reference:
    """Raises BadReferenceError with the form."""
    match = _FORM.fullmatch(text.strip().strip("/"))
    if match is None:
        raise BadReferenceError(
            f"{text[:80]!r} is not a reference: RUN, RUN/step/N, RUN/group/ID, RUN/group/ID/k/I or RUN/problem/ID."
        )

    def number(name: str) -> int | None:
        return int(match[name]) if match[name] else None

    return Reference(match["run"], number("step"), number("group"), number("k"), match["problem"])
