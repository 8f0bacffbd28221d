"""The form for a new run, as `views.form` describes it: groups of fields, each with its error below it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.events import DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Collapsible, Input, Select, Static, TextArea

from grpo_app.tui.paint import muted, outside_line, toned
from grpo_app.tui.widgets.fields import UP_DOWN, WRONG, ChoiceField, LineField, LinesField
from grpo_core.text import clean
from grpo_core.views.form import FormErrors, FormField, FormGroup, Values, config_from_form, run_form

MANY_LINES = ("system_prompt", "prompt_template", "rewards")
"""Settings that may have several lines."""
YES_NO = [("yes", "true"), ("no", "false")]


class FormRow(Horizontal):
    """One setting; `error` stands below it. Its value is shown cleaned, and given back as it was if nobody edits it."""

    def __init__(self, field: FormField) -> None:
        super().__init__(classes="field")
        self.field = field
        self.control = make_control(field)
        self.error = Static(markup=False, classes="error")
        self._filled_in = field.default
        self._wrong: str | None = None

    def compose(self) -> ComposeResult:
        yield Static(muted(self.field.label), markup=False, classes="label")
        yield self.control

    @property
    def value(self) -> str:
        typed = self._typed
        return self._filled_in if typed == clean(self._filled_in) else typed

    def fill(self, value: str) -> None:
        self._filled_in = value
        control = self.control
        if isinstance(control, ChoiceField):
            control.value = value
        elif isinstance(control, TextArea):
            control.text = clean(value)
        elif isinstance(control, Input):
            control.value = clean(value)

    def show_error(self, sentence: str | None) -> None:
        if sentence == self._wrong:
            return
        self._wrong = sentence
        self.error.update(toned("! ", "bad").append(outside_line(sentence or "")))
        self.error.set_class(sentence is not None, "-shown")
        self.control.set_class(sentence is not None, WRONG)

    @property
    def _typed(self) -> str:
        control = self.control
        if isinstance(control, ChoiceField):
            return control.chosen or ""
        return control.text if isinstance(control, TextArea) else control.value if isinstance(control, Input) else ""


def make_control(field: FormField) -> Widget:
    """What the setting is filled in with."""
    id = f"field-{field.name}"
    if field.kind in ("choice", "bool"):
        choices = YES_NO if field.kind == "bool" else [(choice, choice) for choice in field.choices]
        return ChoiceField(id, choices, field.default)
    if field.name in MANY_LINES:
        return LinesField(clean(field.default), id=id, compact=True, tab_behavior="focus", classes="lines")
    return LineField(id, field.default, placeholder="none" if field.optional else "")


class RunForm(VerticalScroll, can_focus=False):
    """`values` reads it. Says which field is being looked at, and checks each as it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", "Up", show=False),
        Binding("pagedown", "page_down", "Down", show=False),
        *UP_DOWN,
    ]

    class Looked(Message):
        """Another field is being filled in, or the head of a group is looked at; `about` says what it is for."""

        def __init__(self, about: str) -> None:
            super().__init__()
            self.about = about

    def __init__(self) -> None:
        super().__init__(id="run-form")
        self.groups = run_form()
        self._found: dict[str, tuple[str, str]] = {}
        self.rows = {field.name: FormRow(field) for group in self.groups for field in group.fields}

    def compose(self) -> ComposeResult:
        half = _half(self.groups)
        with Container(id="columns"):
            for groups in (self.groups[:half], self.groups[half:]):
                with Container(classes="column"):
                    for group in groups:
                        with Collapsible(title=group.title, collapsed=not group.open, classes="group"):
                            for field in group.fields:
                                yield self.rows[field.name]
                                yield self.rows[field.name].error

    def unfold(self) -> None:
        """Show all settings; or fold what a newcomer does not need, if all are shown."""
        folds = list(self.query(Collapsible))
        folding = not any(fold.collapsed for fold in folds)
        for fold, group in zip(folds, self.groups, strict=True):
            fold.collapsed = folding and not group.open

    @property
    def values(self) -> Values:
        return {name: row.value for name, row in self.rows.items()}

    def fill(self, values: Values) -> None:
        for name, row in self.rows.items():
            row.fill(values.get(name, row.field.default))
        self.show_errors({})

    def show_errors(self, wrong: dict[str, str]) -> None:
        """Go to the first of them. Each stays until its value is another; those of no field are the screen's."""
        self._found = {name: (self.rows[name].value, said) for name, said in wrong.items() if name in self.rows}
        self._show_errors({})
        first = next((name for name in self.rows if name in wrong), None)
        if first:
            self.go_to(first)

    def go_to(self, name: str) -> None:
        """Into this field, whose group may be folded."""
        self._unfold_at(self.rows[name])
        self.call_after_refresh(self.rows[name].control.focus)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for node in event.widget.ancestors_with_self:
            if isinstance(node, FormRow):
                self.post_message(self.Looked(describe_field(node.field)))
                return
            if isinstance(node, Collapsible):
                self.post_message(self.Looked(describe_group(node)))
                return

    @on(Input.Blurred)
    @on(Select.Changed)
    def _left(self) -> None:
        """What can be known to be wrong without looking at any file."""
        try:
            config_from_form(self.values)
        except FormErrors as error:
            self._show_errors(error.fields)
        else:
            self._show_errors({})

    def _show_errors(self, unreadable: dict[str, str]) -> None:
        """What cannot be read, and what was found wrong with the values as they still are."""
        for name, row in self.rows.items():
            value, said = self._found.get(name, (None, None))
            wrong = unreadable.get(name) or (said if value == row.value else None)
            row.show_error(wrong)
            if wrong:
                self._unfold_at(row)

    def _unfold_at(self, row: FormRow) -> None:
        for fold in row.ancestors:
            if isinstance(fold, Collapsible):
                fold.collapsed = False

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        self.screen.focus_next()


def describe_group(group: Collapsible) -> str:
    """Of the head of a group."""
    names = ", ".join(row.field.label for row in group.query(FormRow))
    return f"{group.title}: enter {'unfolds' if group.collapsed else 'folds'} {names}"


def describe_field(field: FormField) -> str:
    """Its key, what it is for, and what may stand in it."""
    bounds = field.bounds
    limits = []
    if bounds.low is not None:
        limits.append(f"{'above' if bounds.low_open else 'from'} {bounds.low:g}")
    if bounds.high is not None:
        limits.append(f"{'below' if bounds.high_open else 'to'} {bounds.high:g}")
    allowed = f" ({' '.join(limits)})" if limits else ""
    default = f"; usually {field.default}" if field.default and "\n" not in field.default else ""
    return f"{field.name}: {field.help}{allowed}{default}"


def _half(groups: tuple[FormGroup, ...]) -> int:
    """How many groups make about half of the form's lines."""
    heights = [len(group.fields) + 2 if group.open else 2 for group in groups]
    whole = sum(heights)
    return min(range(1, len(groups)), key=lambda count: abs(sum(heights[:count]) * 2 - whole))
