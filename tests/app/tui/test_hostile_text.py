"""What a model writes never commands the terminal: the app in a real pseudo-terminal, with hostile text everywhere."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grpo_core.runs import RunFolder
from grpo_core.runs.labels import Labels, write_labels
from grpo_core.store import LiveFeedWriter, MarksDb, PlaygroundDb, Question, Subject
from grpo_core.types import Completion, Group, Problem, StepCredit, Verdict
from tests.app.tui.helpers import RUN_ID, set_facts, write_frozen_run
from tests.app.tui.stand_ins import make_ended
from tests.app.tui.terminal import Terminal

EVIL = "\x1b]0;pwned\x07\x1b]52;c;cHduZWQ=\x07\x1b[31m\x9b31m\x90q\x9c\x08\x0b\x0c\r\x7f\u202e\u2066[bold][/bold]"
SEQUENCES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    rb"|\x1bP[^\x1b]*\x1b\\"  # DCS: asking what the terminal is
    rb"|\x1b[78=>c]"
)
POINTER_SHAPE = re.compile(rb"\x1b\]22;[a-z-]+\x07")  # the one OSC that Textual sends itself
CONTROLS = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Of direction and of lines: they reorder what is read."""
FORBIDDEN = [
    b"\x1b]",  # OSC: title, clipboard, links
    b"\x07",
    b"\x08",
    b"\x0b",
    b"\x0c",
    b"\x7f",
    "\x9b".encode(),
    "\x90".encode(),
    *(control.encode() for control in CONTROLS),
]
FOREIGN_CSI = re.compile(rb"\x1b\[[?>]?77")


Hostile = Callable[[str], str]
"""A word with something hostile after it, and the word again: what is drawn whole is seen to be."""


def always_the_same(word: str) -> str:
    return f"{word}{EVIL}{word}"


def at_random(seed: int) -> Hostile:
    """Something else each time: whole and broken control sequences, single controls, markup, wide and joined letters.

    The parameters of CSI sequences begin with 77, which nothing of ours does.
    """
    rng = random.Random(seed)
    singles = [*map(chr, (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0))), *CONTROLS]
    pieces: tuple[Callable[[], str], ...] = (
        lambda: rng.choice(singles),
        lambda: rng.choice(singles) + rng.choice("[]PX^_()#c78=>"),
        lambda: rng.choice(("\x1b[", "\x9b")) + f"77{rng.randrange(100)}" + rng.choice("ABHJKmhlnrtqu"),
        lambda: rng.choice(("\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX")) + "0;x" + rng.choice(("\x07", "\x1b\\", "")),
        lambda: rng.choice(("[bold]", "[/]", "[@click=app.quit]x[/]", "[[", "\\[", "{", "$x")),
        lambda: rng.choice(("漢", "e\u0301\u0301", "👩\u200d👩", "\ufe0f", "\u200b", "ｱ")),
    )

    def hostile(word: str) -> str:
        return word + "".join(rng.choice(pieces)() for _ in range(8)) + word

    return hostile


def write_hostile_run(runs_dir: Path, hostile: Hostile) -> RunFolder:
    """Every text that is not ours is hostile."""
    folder = write_frozen_run(runs_dir)
    text = hostile("COMPLETION") + "\n\tanswer \udc80"
    step = StepCredit(0, hostile("STEP"), (0, 10), 0, "matched", 1.0)
    verdict = Verdict(
        "correct", hostile("EXTRACTED"), (0, 10), hostile("RULE"), hostile("CHECK"), hostile("REASON"),
        hostile("MESSAGE"), steps=(step,),
    )  # fmt: skip
    problem = Problem(
        hostile("ID"), hostile("PROMPT"), hostile("GOLD"), (hostile("REFERENCE"),), hostile("SOURCE"), hostile("")
    )
    completion = Completion(0, text, 3, "stop", verdict, {hostile("REWARD"): 1.0}, 1.0, 0.5)
    writer = folder.writer()
    writer.add_groups([hostile_alert(25, hostile), Group(26, 13, "train", problem, (completion,))])
    writer.close()
    with MarksDb(folder.path) as marks:
        marks.set(26, 0, "suspicious", hostile("NOTE"), hostile("WHO"))
    set_facts(
        folder,
        {key: hostile(key.upper()) for key in ("name", "model", "objective", "backend", "trainer_class", "phase")}
        | {"reward_failures": [hostile("FAILURE")]},
    )
    return folder


def hostile_alert(number: int, hostile: Hostile) -> Group:
    """So many answers cannot be read that it is told, with what the judge said of them."""
    problem = Problem(hostile("OTHERID"), hostile("OTHERPROMPT"), "1")
    verdict = Verdict("unparsable", hostile("ODD"), (0, 4), "boxed", "exact", hostile("ALERTED"), "odd")
    return Group(
        number, 13, "train", problem, tuple(Completion(k, "?", 1, "stop", verdict, {}, 0.0, 0.0) for k in range(60))
    )


def write_hostile_live(folder: RunFolder, hostile: Hostile) -> None:
    feed = LiveFeedWriter(folder.path)
    feed.begin(13, "train", [Problem("p", hostile("LIVEPROMPT"), "1")], 2)
    feed.add({0: hostile("STREAM")})
    feed.close()


def write_hostile_ending(folder: RunFolder, hostile: Hostile) -> None:
    lines = "a line\n" * 12
    make_ended(folder, f"{hostile('LOGONLY')}\n{lines}{hostile('LOGLINE')}\nRuntimeError: {hostile('CAUSE')}\n")


def write_hostile_history(runs_dir: Path, hostile: Hostile) -> None:
    """A question that was asked in the playground, and its answer."""
    subject = Subject(hostile("LABEL"), hostile("PATH"), None, hostile("RUNNAME"), 1)
    question = Question(subject, hostile("ASKED"), hostile("SYSTEM"), hostile("RIGHT"), (hostile("REFSTEP"),), k=1)
    verdict = Verdict("wrong", hostile("READ"), (0, 4), "boxed", "exact", "DIFFERENT", hostile("WHY"))
    with PlaygroundDb(runs_dir) as history:
        number = history.begin(question)
        history.finish(number, [Completion(0, hostile("ANSWER"), 3, "stop", verdict, {}, 0.0)], 1.0)


@pytest.mark.parametrize("hostile", [always_the_same, at_random(1), at_random(2)], ids=["known", "random", "other"])
def test_hostile_text_commands_nothing(runs_dir: Path, hostile: Hostile) -> None:
    folder = write_hostile_run(runs_dir, hostile)
    write_hostile_live(folder, hostile)
    write_hostile_ending(folder, hostile)
    write_hostile_history(runs_dir, hostile)
    write_labels(folder.path, Labels(hostile("CALLED")[:80], (hostile("TAG")[:30],)))
    other = RunFolder(shutil.copytree(folder.path, runs_dir / "sample-0002"))
    other.config_file.write_text(f'model = "{in_toml(hostile("OTHERMODEL"))}"\n', encoding="utf-8")
    Path("hostile.toml").write_text(f'name = "{in_toml(hostile("READIN"))}"\n', encoding="utf-8")
    sent = walk(Terminal("--runs-dir", str(runs_dir)), pasted(hostile))
    for sequence in FORBIDDEN:
        assert sequence not in sent, f"{sequence!r} reached the terminal"
    assert not FOREIGN_CSI.search(sent)
    rest = SEQUENCES.sub(b"", sent).decode()
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", rest), "a control character of somebody else's"
    assert RUN_ID in rest
    if hostile is always_the_same:
        assert "[bold][/bold]" in rest, "markup is text"


def in_toml(text: str) -> str:
    """As a string of a TOML file says it: controls by their numbers."""
    return "".join(f"\\U{ord(character):08x}" for character in text if not 0xD800 <= ord(character) < 0xE000)


def pasted(hostile: Hostile) -> str:
    """As terminals hand on what is pasted: bracketed, and without what would end the bracket."""
    return f"\x1b[200~{hostile('PASTED').translate({0x1B: None, 0x0A: None})}\x1b[201~"


def walk(terminal: Terminal, paste: str) -> bytes:
    """Through every screen; what was sent meanwhile, without what Textual says of the pointer."""
    try:
        terminal.until("MODEL", "OBJECTIVE", "FAILURE", "LIVEPROMPT", "STREAM", "LOGLINE", "CAUSE")
        terminal.press("\x1b")
        terminal.until("New run", "CALLED")
        terminal.press("R")
        terminal.until("to be called?", "CALLED")
        terminal.press("\x1b")
        terminal.until_gone("to be called?")
        terminal.press("T")
        terminal.until("divided by blanks", "TAG")
        terminal.press("\x1b")
        terminal.until_gone("divided by blanks")
        terminal.press(" j d")
        terminal.until("side by side", "Settings that differ", "OTHERMODEL")
        terminal.press("\x1b")
        terminal.until("New run")
        terminal.press("n")
        terminal.until("Check signal", "Name")
        terminal.press(paste)
        terminal.until("PASTED")
        terminal.press("\x0f")
        terminal.until("Fill the form in")
        terminal.press("\x15hostile.toml\r")
        terminal.until("The form holds")
        terminal.press("\x1b")
        terminal.until("CALLED", "New run")
        terminal.press("\x10")
        terminal.until("Search for commands")
        terminal.press(paste)
        terminal.until("PASTED", "No matches found")
        terminal.press("\x1b")
        terminal.until_gone("No matches found")
        terminal.press("\r")
        terminal.until("MODEL", "STREAM")
        terminal.press("r")
        terminal.until("PROMPT", "GOLD", "REFERENCE", "EXTRACTED", "MESSAGE", "RULE")
        terminal.until("COMPLETION", "SOURCE", "NOTE", "⚐")
        terminal.press("\t")
        terminal.until("Compare")
        terminal.press("\t")
        terminal.until("mathematics")  # the oracle has said how it read both sides
        terminal.press("G")
        terminal.until("REASON", "STEP", "REWARD")
        terminal.press("d")
        terminal.until("lines are the same", "Beside k")
        terminal.press("\x1b")
        terminal.until("Objectives")
        terminal.press("i")
        terminal.until("what each objective would have pushed", "batch-scaled")
        terminal.press("\x1b")
        terminal.until("Objectives")
        terminal.press("J")
        terminal.until("against which", "GOLD")
        terminal.press("\r")
        terminal.until("with another gold answer", "stored", "checks")
        terminal.press("\x1b")
        terminal.until("Objectives")
        terminal.press("/")
        terminal.until("source:")
        terminal.press(paste)
        terminal.until("PASTED")
        terminal.press("\x15")
        terminal.until("outcome:wrong")
        terminal.press("completion\r")
        terminal.until("1 completions")
        terminal.press("\x1b")
        terminal.until("Groups ·")
        terminal.press("!")
        terminal.until("cannot be read", "Evidence", "ALERTED")
        terminal.press("\x1b")
        terminal.until("Groups ·")
        terminal.press("P")
        terminal.until("Visits", "PROMPT", "GOLD")
        terminal.press("\x1b")
        terminal.until("Groups ·")
        terminal.press("e")
        terminal.until("What each number means")
        terminal.press("\x1b")
        terminal.until_gone("What each number means")
        terminal.press("c")
        terminal.until("Controls of", "Quit")
        terminal.press("\x1b")
        terminal.until_gone("Controls of")
        terminal.press("L")
        terminal.until("LOGONLY")
        terminal.press("p")
        terminal.until("any checkpoint")
        terminal.press(paste)
        terminal.until("PASTED")
        terminal.press("\x0f")
        terminal.until("Asked before", "LABEL", "ASKED")
        terminal.press("\r")
        terminal.until("RIGHT", "SYSTEM", "READ", "WHY", "ANSWER")
        terminal.press("?")
        terminal.until("Keys and marks")
        terminal.press("q")
        assert terminal.leave() == 0
    finally:
        terminal.close()
    return POINTER_SHAPE.sub(b"", terminal.sent)
