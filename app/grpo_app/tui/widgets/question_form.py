"""What is asked in the playground: of which weights, the prompt, what would be right, and how it is sampled."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from grpo_app.tui.paint import outside_line, toned
from grpo_app.tui.widgets.fields import WRONG, ChoiceField, Labelled, LineField, PromptField
from grpo_core.store import Question, Subject
from grpo_core.store.questions import question_errors
from grpo_core.text import clean

NUMBERS: dict[str, tuple[str, type]] = {
    "k": ("k", int),
    "temperature": ("temp", float),
    "top_p": ("top-p", float),
    "max_completion_length": ("tokens", int),
    "seed": ("seed", int),
}
"""The fields that hold numbers: what each is called here, and its type."""
SYSTEM = "system prompt"
IN_TEMPLATE = "system prompt; the prompt goes into the run's template"
TWO = "-two"
OTHER = ""
"""The choice of a model that is not in the list."""


class QuestionForm(Container):
    """`questions` reads it: one question a subject, or None with what is wrong shown at the fields."""

    def __init__(self) -> None:
        super().__init__(id="question")
        self._subjects: dict[str, Subject] = {}
        self._reference: Question | None = None

    def compose(self) -> ComposeResult:
        yield Labelled("model", ChoiceField("subject-0", []))
        yield Labelled("beside", ChoiceField("subject-1", []), classes="second")
        yield Labelled(
            "prompt", PromptField("prompt", "a problem; enter asks, ctrl+j begins a new line"), classes="tall"
        )
        with Horizontal(classes="row"):
            yield Labelled("gold", LineField("gold", placeholder="right answer, for the judge"))
            yield Labelled("system", LineField("system_prompt", placeholder=SYSTEM))
        with Horizontal(classes="row numbers"):
            for name, (label, _) in NUMBERS.items():
                yield Labelled(label, LineField(name), classes=f"-{name}")
        yield Static(id="wrong", markup=False)

    def offer(self, subjects: list[Subject], chosen: Subject) -> None:
        """What can be asked. The second stays what it was, or is what the first's run began with."""
        self._subjects.update((subject_key(subject), subject) for subject in [*subjects, chosen])
        choices = [(subject.label, key) for key, subject in self._subjects.items()]
        keys = [key for _, key in choices]
        second = self._choice(1).chosen
        choices.append(("another model …", OTHER))
        self._choice(0).offer(choices, subject_key(chosen))
        began = [subject_key(each) for each in subjects if each.run == chosen.run and each.step == 0]
        self._choice(1).offer(choices, second if second in keys else [*began, keys[-1]][0])

    def choose(self, side: int, subject: Subject) -> None:
        """Ask this one, whether it was offered before or not."""
        others = [self.subject(0), self.subject(1)]
        others[side] = subject
        self.offer([each for each in others if each], others[0] or subject)
        self._choice(1).value = subject_key(others[1] or subject)

    def subject(self, side: int) -> Subject | None:
        """Who is chosen there; None where a model is still to be named."""
        return self._subjects.get(self._choice(side).chosen or OTHER)

    def fill(self, question: Question) -> None:
        """All but the subject. The reference steps stay as long as the prompt and the gold answer do."""
        self._reference = question
        self.query_one("#prompt", TextArea).text = clean(question.prompt)
        for name in ("gold", "system_prompt", *NUMBERS):
            self.query_one(f"#{name}", Input).value = clean(str(getattr(question, name)))
        templated = question.prompt_template.strip() != "{problem}"
        self.query_one("#system_prompt", Input).placeholder = IN_TEMPLATE if templated else SYSTEM
        self._show_wrong({})

    @on(TextArea.Changed, "#prompt")
    def _prompt_changed(self) -> None:
        """A question that was changed is another one: the gold answer that came with it is not its own."""
        known, gold = self._reference, self.query_one("#gold", Input)
        if known and known.gold and self.query_one("#prompt", TextArea).text != clean(known.prompt):
            if gold.value == clean(known.gold):
                gold.value = ""
            self._reference = replace(known, gold="", steps=())

    @property
    def is_filled(self) -> bool:
        return self._reference is not None

    def show_second(self, shown: bool) -> None:
        self.set_class(shown, TWO)

    def questions(self) -> list[Question] | None:
        chosen = [self._subjects[key] for key in self._keys() if key in self._subjects]
        values, wrong = self._numbers()
        if not chosen:
            wrong["subject-0"] = "Choose a model."
        if not wrong:
            question = self._question(chosen[0], values)
            wrong = question_errors(question)
        self._show_wrong(wrong)
        return None if wrong else [replace(question, subject=subject) for subject in chosen]

    def _question(self, subject: Subject, numbers: dict[str, float]) -> Question:
        prompt, gold = self.query_one("#prompt", TextArea).text, self._text("gold")
        known = self._reference
        same = known is not None and (clean(known.prompt), clean(known.gold)) == (prompt, gold)
        if known is not None and same:
            # As it was asked, where what is shown of it was cleaned.
            prompt, gold = known.prompt, known.gold
        steps = known.steps if known is not None and same else ()
        system = self._text("system_prompt")
        return Question(subject, prompt, system, gold, steps, **numbers)  # type: ignore[arg-type]

    def _numbers(self) -> tuple[dict[str, float], dict[str, str]]:
        """The numbers that can be read, and a sentence for each that cannot."""
        values: dict[str, float] = {}
        wrong: dict[str, str] = {}
        for name, (label, kind) in NUMBERS.items():
            try:
                values[name] = kind(self._text(name).strip())
            except ValueError:
                wrong[name] = f"{label} takes a {'whole ' if kind is int else ''}number."
        return values, wrong

    def _show_wrong(self, wrong: dict[str, str]) -> None:
        for name in ("subject-0", "prompt", *NUMBERS):
            self.query_one(f"#{name}").set_class(name in wrong, WRONG)
        said = toned("! ", "bad").append(outside_line(" ".join(wrong.values()))) if wrong else Content("")
        bar = self.query_one("#wrong", Static)
        bar.update(said)
        bar.set_class(bool(wrong), "-shown")
        if wrong:
            self.query_one(f"#{next(iter(wrong))}").focus()

    def _keys(self) -> list[str]:
        sides = (0, 1) if self.has_class(TWO) else (0,)
        return [key for side in sides if (key := self._choice(side).chosen) is not None]

    def _choice(self, side: int) -> ChoiceField:
        return self.query_one(f"#subject-{side}", ChoiceField)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value


def subject_key(subject: Subject) -> str:
    """The same base may be that of several runs, each of which asks it in its own way."""
    return f"{subject.run or ''} {subject.path}"
