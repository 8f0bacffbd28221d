"""What a model writes never commands the terminal: the app in a real pseudo-terminal, with hostile text everywhere."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from grpo_core.runs import RunFolder
from grpo_core.store import LiveFeedWriter, MarksDb, PlaygroundDb, Question, Subject
from grpo_core.types import Completion, Group, Problem, StepCredit, Verdict
from tests.app.tui.helpers import RUN_ID, set_facts, write_frozen_run
from tests.app.tui.stand_ins import make_ended

LIMIT_SECONDS = 90.0
SIZE = (45, 160)
OPEN = "from grpo_app.cli import tui_main; raise SystemExit(tui_main())"
EVIL = "\x1b]0;pwned\x07\x1b]52;c;cHduZWQ=\x07\x1b[31m\x9b31m\x90q\x9c\x08\x0b\x0c\r\x7f\u202e\u2066[bold][/bold]"
SEQUENCES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    rb"|\x1bP[^\x1b]*\x1b\\"  # DCS: asking what the terminal is
    rb"|\x1b[78=>c]"
)
POINTER_SHAPE = re.compile(rb"\x1b\]22;[a-z-]+\x07")  # the one OSC that Textual sends itself
FORBIDDEN = [
    b"\x1b]",  # OSC: title, clipboard, links
    b"\x07",
    b"\x08",
    b"\x0b",
    b"\x0c",
    b"\x7f",
    "\x9b".encode(),
    "\x90".encode(),
    "\u202e".encode(),
    "\u2066".encode(),
]


def hostile(word: str) -> str:
    return f"{word}{EVIL}{word}"


def write_hostile_run(runs_dir: Path) -> RunFolder:
    """Every text that is not ours is hostile."""
    folder = write_frozen_run(runs_dir)
    text = hostile("COMPLETION") + "\n\tanswer \udc80"
    step = StepCredit(0, hostile("STEP"), (0, 10), 0, "matched", 1.0)
    verdict = Verdict(
        "correct", hostile("EXTRACTED"), (0, 10), hostile("RULE"), hostile("CHECK"), hostile("REASON"),
        hostile("MESSAGE"), steps=(step,),
    )  # fmt: skip
    problem = Problem(
        hostile("ID"), hostile("PROMPT"), hostile("GOLD"), (hostile("REFERENCE"),), hostile("SOURCE"), EVIL
    )
    completion = Completion(0, text, 3, "stop", verdict, {hostile("REWARD"): 1.0}, 1.0, 0.5)
    writer = folder.writer()
    writer.add_groups([hostile_alert(25), Group(26, 13, "train", problem, (completion,))])
    writer.close()
    with MarksDb(folder.path) as marks:
        marks.set(26, 0, "suspicious", hostile("NOTE"), hostile("WHO"))
    set_facts(
        folder,
        {key: hostile(key.upper()) for key in ("name", "model", "objective", "backend", "trainer_class", "phase")}
        | {"reward_failures": [hostile("FAILURE")]},
    )
    return folder


def hostile_alert(number: int) -> Group:
    """So many answers cannot be read that it is told, with what the judge said of them."""
    problem = Problem(hostile("OTHERID"), hostile("OTHERPROMPT"), "1")
    verdict = Verdict("unparsable", hostile("ODD"), (0, 4), "boxed", "exact", hostile("ALERTED"), "odd")
    return Group(
        number, 13, "train", problem, tuple(Completion(k, "?", 1, "stop", verdict, {}, 0.0, 0.0) for k in range(60))
    )


def write_hostile_live(folder: RunFolder) -> None:
    feed = LiveFeedWriter(folder.path)
    feed.begin(13, "train", [Problem("p", hostile("LIVEPROMPT"), "1")], 2)
    feed.add({0: hostile("STREAM")})
    feed.close()


def write_hostile_ending(folder: RunFolder) -> None:
    lines = "a line\n" * 12
    make_ended(folder, f"{hostile('LOGONLY')}\n{lines}{hostile('LOGLINE')}\nRuntimeError: {hostile('CAUSE')}\n")


def write_hostile_history(runs_dir: Path) -> None:
    """A question that was asked in the playground, and its answer."""
    subject = Subject(hostile("LABEL"), hostile("PATH"), None, hostile("RUNNAME"), 1)
    question = Question(subject, hostile("ASKED"), hostile("SYSTEM"), hostile("RIGHT"), (hostile("REFSTEP"),), k=1)
    verdict = Verdict("wrong", hostile("READ"), (0, 4), "boxed", "exact", "DIFFERENT", hostile("WHY"))
    with PlaygroundDb(runs_dir) as history:
        number = history.begin(question)
        history.finish(number, [Completion(0, hostile("ANSWER"), 3, "stop", verdict, {}, 0.0)], 1.0)


class Terminal:
    """A pseudo-terminal with the app in it, and everything that the app has sent to it."""

    def __init__(self, runs_dir: Path) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        # What a test runner says of its own window is not the size of this one.
        inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", OPEN, "--runs-dir", str(runs_dir)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"},
        )
        os.close(slave)
        self.sent = b""
        self._pressed_at = 0

    def until(self, *words: str) -> None:
        """Until all the words have been drawn since the last keys."""
        deadline = time.monotonic() + LIMIT_SECONDS
        wanted = {word.encode() for word in words}
        while missing := [word for word in wanted if word not in self.sent[self._pressed_at :]]:
            assert time.monotonic() < deadline, f"not drawn: {missing}"
            self._read(0.1)

    def press(self, keys: str) -> None:
        self._pressed_at = len(self.sent)
        os.write(self._master, keys.encode())

    def leave(self) -> int:
        self.press("q")
        deadline = time.monotonic() + LIMIT_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.1)
        return self.process.wait(1)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._master)

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            try:
                self.sent += os.read(self._master, 65536)
            except OSError:
                return  # the app has closed its side


@pytest.fixture
def terminal(runs_dir: Path) -> Terminal:
    folder = write_hostile_run(runs_dir)
    write_hostile_live(folder)
    write_hostile_ending(folder)
    write_hostile_history(runs_dir)
    return Terminal(runs_dir)


def test_hostile_text_commands_nothing(terminal: Terminal) -> None:
    try:
        terminal.until("MODEL", "OBJECTIVE", "FAILURE", "LIVEPROMPT", "STREAM", "LOGLINE", "CAUSE")
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
        terminal.press("/")
        terminal.until("source:")
        terminal.press("completion\r")
        terminal.until("1 completions")
        terminal.press("\x1b")
        terminal.until("Groups ·")
        terminal.press("!")
        terminal.until("cannot be read", "Evidence", "ALERTED")
        terminal.press("\x1b")
        terminal.until("Groups ·")
        terminal.press("L")
        terminal.until("LOGONLY")
        terminal.press("p")
        terminal.until("any checkpoint")
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
    sent = POINTER_SHAPE.sub(b"", terminal.sent)
    for sequence in FORBIDDEN:
        assert sequence not in sent, f"{sequence!r} reached the terminal"
    rest = SEQUENCES.sub(b"", sent).decode()
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", rest), "a control character of somebody else's"
    assert RUN_ID in rest
    assert "[bold][/bold]" in rest, "markup is text"
