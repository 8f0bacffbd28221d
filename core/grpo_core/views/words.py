"""What the project's codes are called on a screen: a mark that needs no colour, a word, a sentence for a tooltip."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from grpo_core.types import Json, Outcome, RunStatus, Signal, StepStatus


@dataclass(frozen=True, slots=True)
class Word:
    """`tone` names a colour of the screen's palette: good, bad, warn, muted, accent."""

    mark: str
    label: str
    meaning: str
    tone: str

    def to_json(self) -> Json:
        return asdict(self)


OUTCOME_WORDS: dict[Outcome, Word] = {
    "correct": Word("✓", "correct", "The answer equals the gold answer: reward 1.", "good"),
    "wrong": Word("✗", "wrong", "The answer was read and is not the gold answer: reward 0.", "bad"),
    "no_answer": Word("∅", "no answer", "No answer was found in the completion: reward 0.", "warn"),
    "unparsable": Word("?", "unreadable", "An answer was found but cannot be read as mathematics: reward 0.", "warn"),
    "timeout": Word("∞", "too much work", "Comparing took more work than the judge allows: reward 0.", "warn"),
    "unscorable": Word(
        "–",
        "not scored",
        "The gold answer cannot be read or the judge failed: left out of the baseline.",
        "muted",
    ),
}

SIGNAL_WORDS: dict[Signal, Word] = {
    "mixed": Word("◐", "mixed", "Rewards differ within the group: such a group teaches in training.", "accent"),
    "all_correct": Word(
        "●", "all correct", "All are right and earned the same: such a group teaches nothing in training.", "good"
    ),
    "all_wrong": Word(
        "○", "all wrong", "None is right and all earned the same: such a group teaches nothing in training.", "bad"
    ),
}

ALIKE_WORD = Word("=", "all alike", "Every completion earned the same: such a group teaches nothing.", "muted")
"""Of a group whose rewards are equal although its answers are not all right, or not all wrong."""

STEP_WORDS: dict[StepStatus, Word] = {
    "matched": Word("✓", "matched", "Equals a step of the reference derivation.", "good"),
    "valid": Word("~", "valid", "True, but not a step of the reference derivation: no credit.", "muted"),
    "wrong": Word("✗", "wrong", "Not true.", "bad"),
    "unchecked": Word("?", "unchecked", "Could not be checked.", "muted"),
}

MARK_WORDS: dict[str, Word] = {
    "verifier_wrong": Word("⚑", "verifier wrong", "A person says that the judge is wrong here.", "bad"),
    "suspicious": Word("⚐", "suspicious", "A person says that something is odd here.", "warn"),
}

STATUS_WORDS: dict[RunStatus, Word] = {
    "created": Word("·", "created", "The run has not been started.", "muted"),
    "starting": Word("…", "starting", "The trainer is loading the model and the problems.", "accent"),
    "running": Word("▶", "running", "The trainer is training.", "good"),
    "paused": Word("‖", "paused", "The trainer waits and keeps its memory.", "warn"),
    "suspended": Word("⇥", "suspended", "A checkpoint was written and the memory given back.", "warn"),
    "stopping": Word("…", "stopping", "The trainer is writing its last checkpoint.", "warn"),
    "finished": Word("✓", "finished", "The trainer ended as it was asked to.", "good"),
    "failed": Word("✗", "failed", "The trainer ended with an error: see the log.", "bad"),
    "killed": Word("✗", "killed", "A signal ended the trainer.", "bad"),
    "lost": Word("✗", "lost", "The trainer is gone and left no record of how it ended.", "bad"),
}
