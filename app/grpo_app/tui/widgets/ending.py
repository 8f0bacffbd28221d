"""How a run ended badly: the cause, its code or signal, the end of its log, and what can be done now."""

from __future__ import annotations

import signal
from textwrap import wrap

from textual.content import Content
from textual.widget import Widget

from grpo_app.tui.paint import bold, muted, outside_line, toned
from grpo_core.text import clean_line
from grpo_core.types import Json


class EndingPane(Widget):
    """Not there for a run that goes on or ended well. As many of the log's last lines as fit."""

    def __init__(self) -> None:
        super().__init__(id="ending")
        self._ending: Json | None = None
        self._can_resume = False

    def on_mount(self) -> None:
        self.border_title = "How it ended"

    def show(self, run: Json) -> None:
        can_resume = any(control["kind"] == "resume" for control in run["controls"])
        if (run["ending"], can_resume) == (self._ending, self._can_resume):
            return
        self._ending, self._can_resume = run["ending"], can_resume
        self.set_class(self._ending is not None, "-shown")
        self.refresh()

    def render(self) -> Content:
        if self._ending is None:
            return Content("")
        lines = draw_ending(self._ending, self._can_resume, self.size.width, self.size.height)
        return Content("\n").join(lines)


def draw_ending(ending: Json, can_resume: bool, width: int, height: int) -> list[Content]:
    """The cause first, whole where there is room; then how, and what can be done; then the log's end."""
    wrapped = wrap(clean_line(f"✗ {ending['cause']}"), max(2, width))
    cause = [Content.styled(line, "bold $text-error") for line in wrapped]
    head = [*cause[: max(1, height - 1)], _how(ending, can_resume)]
    log = [muted("│ ").append(outside_line(line)).truncate(max(2, width), ellipsis=True) for line in ending["log"]]
    room = height - len(head)
    return [*head, *(log[-room:] if room > 0 else [])][: max(0, height)]


def _how(ending: Json, can_resume: bool) -> Content:
    resume = bold("  space").append(" resumes it") if can_resume else Content("")
    return toned(_record(ending), "warn").append(resume).append(bold("  L")).append(" the whole log")


def _record(ending: Json) -> str:
    if ending["signal"] is not None:
        return f"signal {ending['signal']} ({_signal_name(ending['signal'])})"
    return "no record" if ending["code"] is None else f"code {ending['code']}"


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else "unknown"
