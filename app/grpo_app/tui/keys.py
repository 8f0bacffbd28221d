"""Every key of the terminal app by name: what it is bound to unless the configuration file says otherwise, and what
it does. The bindings, the help and the configuration file are made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding
from textual.keys import format_key

DEFAULT_KEYS: dict[str, str] = {
    "help": "question_mark,f1",
    "quit": "q",
    "down": "j,down",
    "up": "k,up",
    "page-down": "pagedown,ctrl+d",
    "page-up": "pageup,ctrl+u",
    "first": "g,home",
    "last": "G,end",
    "open": "enter",
    "back": "escape",
    "next-pane": "tab",
    "previous-pane": "shift+tab",
    "new-run": "n",
    "playground": "p",
    "choose": "space",
    "faster": "plus,equals_sign",
    "slower": "minus",
    "view": "r",
    "log": "L",
    "pause": "space",
    "controls": "c",
    "later-group": "right_curly_bracket",
    "earlier-group": "left_curly_bracket",
    "later-step": "right_square_bracket",
    "earlier-step": "left_square_bracket",
    "follow": "f",
    "live": "l",
    "ask": "a",
    "find": "slash",
    "next-found": "n",
    "previous-found": "N",
    "verifier-wrong": "w,m",
    "suspicious": "s,M",
    "compare": "d,b",
    "rename": "R",
    "tag": "T",
    "delete": "D,delete",
    "objectives": "i,o",
    "smooth": "s",
    "log-axis": "y",
    "outliers": "x",
    "alerts": "exclamation_mark",
    "judge-again": "J",
    "numbers": "e",
    "settings": "S",
    "problems": "P",
    "course": "c",
    "sort": "s",
    "split": "t",
}
"""Keys by the name of what they do, as Textual names keys; several are divided by commas."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """Keys that belong together, by name, and what they do. `literal` are keys that cannot be changed."""

    names: tuple[str, ...]
    meaning: str
    literal: str = ""


HELP: tuple[tuple[str, tuple[HelpRow, ...]], ...] = (
    (
        "Anywhere",
        (
            HelpRow(("down", "up", "first", "last"), "down, up, first, last; in the curves: more curves"),
            HelpRow(("open",), "open: run → groups → completions → verdict"),
            HelpRow(("back",), "back the same way"),
            HelpRow(("next-pane",), "next pane of the groups"),
            HelpRow(("new-run", "playground"), "new run, playground"),
            HelpRow(("choose", "compare"), "runs: choose several, compare them"),
            HelpRow(("rename", "tag", "delete"), "runs: another name, tags, delete (asks first)"),
            HelpRow(("faster", "slower"), "look more often, less often (for slow links)"),
            HelpRow((), "command palette", "ctrl+p"),
            HelpRow(("quit",), "quit; the run goes on"),
        ),
    ),
    (
        "A run",
        (
            HelpRow(("view", "log"), "curves or groups, the log"),
            HelpRow(("smooth", "log-axis", "outliers"), "curves: smoothed, on a log axis, without outliers"),
            HelpRow(("pause",), "pause, or resume: also after it has ended"),
            HelpRow(("controls",), "controls: checkpoint, evaluate, suspend, stop …"),
            HelpRow(("later-group", "earlier-group"), "later, earlier group; other problem being sampled"),
            HelpRow(("later-step", "earlier-step"), "later, earlier step"),
            HelpRow((), "completion k0 … k9 of the group", "0–9"),
            HelpRow(("ask",), "ask the group's problem in the playground"),
            HelpRow(("follow",), "follow the newest group, or stay"),
            HelpRow(("find", "next-found", "previous-found"), "find by filter or text; next, previous one found"),
            HelpRow(("verifier-wrong", "suspicious"), "mark: verifier wrong, suspicious; again takes it back"),
            HelpRow(("judge-again",), "judge it again, against another gold answer"),
            HelpRow(("compare",), "best against worst, line by line"),
            HelpRow(("objectives",), "what other objectives would have done"),
            HelpRow(("problems",), "problems: learnt, forgotten, never solved, by visit"),
            HelpRow(("course", "sort", "split"), "there: which course, in which order, held-out or training"),
            HelpRow(("alerts",), "alerts: what deserves a look, and what shows it"),
            HelpRow(("numbers",), "explain each number: formula, TRL's key, what to read behind it"),
            HelpRow(("settings",), "what the run was made with, and what differs from the defaults"),
            HelpRow(("live",), "show or hide what is being sampled"),
        ),
    ),
    (
        "Playground, new run",
        (
            HelpRow((), "ask; ctrl+j begins a new line of the prompt", "enter"),
            HelpRow((), "playground: two models · new run: check the signal", "ctrl+t"),
            HelpRow((), "playground: ask · new run: start", "ctrl+r"),
            HelpRow((), "open: what was asked before, or a TOML file", "ctrl+o"),
            HelpRow((), "save: everything asked, or a TOML file", "ctrl+s"),
            HelpRow((), "new run: all settings, or only those that matter first", "ctrl+l"),
            HelpRow((), "next field, the one before, this help", "↓ ↑ f1"),
            HelpRow((), "cancel what is being sampled, then back", "esc"),
        ),
    ),
)


def key(name: str, action: str, label: str = "", *, show: bool = False, shown_as: str | None = None) -> Binding:
    """The binding of an action to the key of this name; `shown_as` in the footer while it is not another key."""
    return Binding(DEFAULT_KEYS[name], action, label or name, show=show, key_display=shown_as, id=name)


def keys_of(row: HelpRow, keymap: Mapping[str, str]) -> str:
    """How the keys of a row are written: the first key of each name."""
    return row.literal or " ".join(key_of(name, keymap) for name in row.names)


def key_of(name: str, keymap: Mapping[str, str]) -> str:
    """How the first key of this name is written."""
    first = keymap.get(name, DEFAULT_KEYS[name]).split(",")[0]
    return _SHORT.get(first) or format_key(first)


_SHORT = {"escape": "esc", "question_mark": "?", "exclamation_mark": "!", "slash": "/"}
