"""The form for a new run, made from `RunConfig`: both screens draw it, and what is typed becomes a configuration.

All values are text, as forms have them. Leaves what else cannot work (is there such a model?) to `runs.preflight`.
"""

from __future__ import annotations

import tomllib
import types
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from grpo_core.config import RunConfig, dump_config, load_preset, presets
from grpo_core.config_words import unknown_setting, what_is_wrong
from grpo_core.errors import ConfigError, GrpoDashError
from grpo_core.runs import list_run_folders
from grpo_core.types import Json
from grpo_core.views.form_words import OPEN, grouped, label_of

Kind = Literal["choice", "int", "float", "bool", "text", "list", "table"]
Values = dict[str, str]
RUNS_TO_REPEAT = 8
WHOLE_FORM = ""
"""The key of an error that belongs to no one field."""


class FormErrors(ConfigError):
    """What cannot be read as a configuration: a sentence for each wrong field."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Bounds:
    """`low` and `high` are themselves allowed, unless they are `open`; None for none."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One setting. `name` is its key in `RunConfig` and in the values; `default` is text like every value.

    Kinds: a `bool` is `true` or `false`; a `list` is separated by commas; a `table` has a `name = number` a line. An
    `optional` field may be empty, which means none.
    """

    name: str
    label: str
    help: str
    kind: Kind
    default: str
    choices: tuple[str, ...] = ()
    bounds: Bounds = Bounds()
    optional: bool = False

    def to_json(self) -> Json:
        return {**asdict(self), "choices": list(self.choices)}


@dataclass(frozen=True, slots=True)
class FormGroup:
    """Settings that belong together. `open`: shown at once; the others are folded."""

    title: str
    fields: tuple[FormField, ...]
    open: bool

    def to_json(self) -> Json:
        return {"title": self.title, "open": self.open, "fields": [field.to_json() for field in self.fields]}


def run_form() -> tuple[FormGroup, ...]:
    """The whole form, every setting of `RunConfig` once."""
    groups = grouped(list(RunConfig.model_fields))
    return tuple(
        FormGroup(title, tuple(_FIELDS[name] for name in names), title in OPEN) for title, names in groups.items()
    )


def default_values() -> Values:
    return {name: field.default for name, field in _FIELDS.items()}


def preset_values() -> dict[str, Values]:
    """The presets, each with every field."""
    return {name: values_of(load_preset(name)) for name in presets()}


def values_of_runs(runs_dir: Path) -> dict[str, Values]:
    """What the newest runs were made with, to begin with that: `as RUN` each. One that cannot be read is left out."""
    found = {}
    for folder in list_run_folders(runs_dir)[:RUNS_TO_REPEAT]:
        with suppress(GrpoDashError, OSError):
            found[f"as {folder.id}"] = values_of(folder.config())
    return found


def values_of(config: RunConfig) -> Values:
    """The form filled in with a configuration."""
    return {name: _text(getattr(config, name)) for name in RunConfig.model_fields}


def config_from_form(values: Mapping[str, str]) -> RunConfig:
    """The configuration; what is missing has its default. Raises FormErrors."""
    errors = {name: f"{name} is not a setting." for name in values if name not in _FIELDS}
    read: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        try:
            read[name] = _read(field, values.get(name, field.default))
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise FormErrors(errors)
    return _config(read)


def values_from_toml(text: str) -> Values:
    """The form filled in with a configuration file's text. Raises FormErrors; what is missing has its default."""
    try:
        return values_of(_config(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise FormErrors({WHOLE_FORM: f"This is not TOML: {error}."}) from None


def toml_from_values(values: Mapping[str, str]) -> str:
    """The configuration file that `grpo-dash train --config` takes. Raises FormErrors."""
    return dump_config(config_from_form(values))


def _config(read: dict[str, Any]) -> RunConfig:
    try:
        return RunConfig(**read)
    except ValidationError as error:
        raise FormErrors(dict(_field_error(item) for item in error.errors())) from None


def _field_error(item: Any) -> tuple[str, str]:
    """Which field, and a sentence. A check over several fields begins with the name of the one to mend."""
    message = str(item["msg"]).removeprefix("Value error, ")
    name = str(item["loc"][0]) if item["loc"] else next((word for word in message.split() if word in _FIELDS), "")
    if item["type"] == "extra_forbidden":
        sentence = unknown_setting(name, _FIELDS)
        return name, sentence if sentence.endswith("?") else f"{sentence}."
    if item["type"] == "value_error":
        return name, f"{message.rstrip('.')}."
    return name, f"{label_of(name)} {what_is_wrong(item, RunConfig.model_fields[name].metadata)}."


def _read(field: FormField, text: str) -> Any:
    """The value in a field's text; raises ValueError with a sentence."""
    text = text if field.name in ("system_prompt", "prompt_template") else text.strip()
    if field.optional and not text:
        return None
    return _READERS[field.kind](text)


def _read_int(text: str) -> int:
    try:
        return int(text.replace(" ", "").replace("_", ""))
    except ValueError:
        raise ValueError("It should be a whole number.") from None


def _read_float(text: str) -> float:
    try:
        return float(text.replace(" ", ""))
    except ValueError:
        raise ValueError("It should be a number.") from None


def _read_bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("It should be true or false.")
    return text.lower() == "true"


def _read_list(text: str) -> list[str] | str:
    """Names separated by commas, or the one word that means all."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise ValueError("Name some, or all-linear.")
    return names[0] if names == ["all-linear"] else names


def _read_table(text: str) -> dict[str, float]:
    found = {}
    for line in text.replace(",", "\n").splitlines():
        name, equals, number = line.partition("=")
        if equals and name.strip():
            found[name.strip()] = _read_float(number)
        elif line.strip():
            raise ValueError(f"Write a name and a number on each line, such as correct = 1.0, not {line.strip()!r}.")
    return found


_READERS: Mapping[Kind, Any] = {
    "choice": str,
    "text": str,
    "int": _read_int,
    "float": _read_float,
    "bool": _read_bool,
    "list": _read_list,
    "table": _read_table,
}


def _text(value: Any) -> str:
    """A value as a field shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return "\n".join(f"{name} = {number}" for name, number in value.items())
    return str(value)


def _field(name: str, info: FieldInfo) -> FormField:
    options = get_args(info.annotation) if _is_union(info.annotation) else (info.annotation,)
    kind = _kind(next(option for option in options if option is not types.NoneType))
    return FormField(
        name=name,
        label=label_of(name),
        help=info.description or "",
        kind=kind,
        default=_text(info.default),
        choices=tuple(map(str, get_args(info.annotation))) if kind == "choice" else (),
        bounds=_bounds(info),
        optional=types.NoneType in options,
    )


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _kind(annotation: Any) -> Kind:
    origin = get_origin(annotation)
    if origin is Literal:
        return "choice"
    kinds: dict[Any, Kind] = {bool: "bool", int: "int", float: "float", str: "text", list: "list", dict: "table"}
    return kinds[origin or annotation]


def _bounds(info: FieldInfo) -> Bounds:
    def limit(*names: str) -> float | None:
        found = [getattr(rule, name) for rule in info.metadata for name in names if hasattr(rule, name)]
        return float(found[0]) if found else None

    return Bounds(limit("ge", "gt"), limit("le", "lt"), limit("gt") is not None, limit("lt") is not None)


_FIELDS: Mapping[str, FormField] = {name: _field(name, info) for name, info in RunConfig.model_fields.items()}
