"""What the signal check says of a run that has not begun: is there anything to learn from, and what would it cost?"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from grpo_app.tui.bars import progress_bar
from grpo_app.tui.paint import bold, muted, outside_line, toned
from grpo_core.runs.signal_check import SignalCheck, longest_words
from grpo_core.views.numbers import UNKNOWN, duration, number, percent

SHOWN = "-shown"
BAR = 20


class SignalPanel(Static):
    def __init__(self) -> None:
        super().__init__(id="signal", markup=False)

    def on_mount(self) -> None:
        self.border_title = "Signal check"

    def show_progress(self, done: int, total: int) -> None:
        full, rest = progress_bar(done / total if total else 0.0, BAR)
        said = f"  {done} of {total} completions of the untrained model" if total else "  loading the model"
        self._show(toned(full, "accent").append(muted(rest)).append(said).append(muted("   esc cancels")))

    def show_check(self, check: SignalCheck) -> None:
        self._show(Content("\n").join(describe_check(check)))
        self.set_stale(False)

    def set_stale(self, stale: bool) -> None:
        """Was it found with other settings than those that are filled in now?"""
        self.border_title = "Signal check · of other settings: check it again" if stale else "Signal check"

    def show_trouble(self, sentence: str) -> None:
        self._show(toned("! ", "bad").append(outside_line(sentence)))

    def _show(self, content: Content) -> None:
        self.update(content)
        self.add_class(SHOWN)


def describe_check(check: SignalCheck) -> list[Content]:
    """Two lines of numbers, one of cost, then the advice."""
    signal = [("mixed", check.mixed), ("all correct", check.all_correct), ("all wrong", check.all_wrong)]
    answers = [
        ("right", check.pass_rate),
        ("cut off", check.truncated),
        ("no answer", check.no_answer),
        ("unreadable", check.unparsable),
    ]
    return [
        _shares(f"{check.groups} groups of {check.k}", signal).append(muted(f" {number(check.mean_tokens)} tokens")),
        _shares("completions", answers),
        _cost(check),
        *([] if check.longest_fits is None else [_longest(check)]),
        *(_advice(check.advice)),
    ]


def _shares(title: str, shares: list[tuple[str, float]]) -> Content:
    line = muted(f"{title:<14}")
    for name, share in shares:
        line = line.append(muted(f" {name} ")).append(bold(percent(share))).append(" ")
    return line


def _cost(check: SignalCheck) -> Content:
    update = UNKNOWN if check.update_seconds is None else f"{check.update_seconds:.1f} s"
    whole = None if check.run_minutes is None else check.run_minutes * 60
    step = UNKNOWN if check.step_seconds is None else f"{check.step_seconds:.1f} s"
    parts = f" {step} a step ({check.sampling_seconds:.1f} s sampling, {update} update) · "
    return muted(f"{'time':<14}{parts}").append(bold(f"about {duration(whole)}")).append(muted(" in all"))


def _longest(check: SignalCheck) -> Content:
    return muted(f"{'longest case':<14} {check.longest_tokens} tokens: {longest_words(check)}")


def _advice(advice: tuple[str, ...]) -> list[Content]:
    if not advice:
        return [toned("✓ There is something to learn from.", "good")]
    return [toned("→ ", "warn").append(outside_line(sentence)) for sentence in advice]
