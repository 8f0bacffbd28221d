"""What a person prefers: colours, pace and keys, from a file and from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.keys import DEFAULT_KEYS, HELP
from grpo_app.tui.settings import PACES, Settings, read_settings, settings_file, with_choices
from grpo_app.tui.themes import theme_names
from grpo_core.errors import ConfigError
from tests.app.tui.helpers import run_screen, shown_text, until, until_read, write_frozen_run

BAD = {
    'theme = "hihg-contrast"': "did you mean 'high-contrast'?",
    "theme = 3": "3 is no theme",
    "refresh = 0": "from 0.1 to 600",
    'refresh = "often"': "from 0.1 to 600",
    "refresh = true": "from 0.1 to 600",
    "colour = 1": "'colour' is no setting",
    '[keys]\ndwon = "j"': "did you mean 'down'?",
    "[keys]\ndown = 1": "lines such as",
    'keys = "j"': "lines such as",
    "[keys": "cannot be read",
}


def settings_of(text: str, tmp_path: Path) -> Settings:
    file = tmp_path / "grpo-tui.toml"
    file.write_text(text)
    return read_settings(file, theme_names())


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_with_a_file_is_one_sentence_with_its_name(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"grpo-tui\.toml") as error:
        settings_of(text, tmp_path)
    assert BAD[text] in str(error.value)


def test_without_a_file_everything_is_as_it_comes(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml", theme_names()) == Settings()


def test_the_printed_file_says_what_holds_already(tmp_path: Path) -> None:
    read = settings_of(settings_file(Settings(), theme_names()), tmp_path)
    assert read == Settings(refresh=0.5, keys=DEFAULT_KEYS)


def test_the_command_line_beats_the_file() -> None:
    chosen = with_choices(Settings(theme="nord", refresh=1.0), "high-contrast", 5.0, theme_names())
    assert (chosen.theme, chosen.refresh) == ("high-contrast", 5.0)


def test_the_help_names_every_key_that_is_there() -> None:
    named = {name for _, rows in HELP for row in rows for name in row.names}
    assert named <= DEFAULT_KEYS.keys()
    assert DEFAULT_KEYS.keys() - named == {"help", "page-down", "page-up", "previous-pane"}


async def test_another_key_does_the_same_and_the_old_one_nothing(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, settings=Settings(keys={"view": "v", "help": "h"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("r")
        assert run_screen(pilot).view == "overview"
        await pilot.press("v")
        assert run_screen(pilot).view == "groups-view"
        assert "v Run" in shown_text(app)
        await pilot.press("h")
        await until(pilot, lambda: "v L " in shown_text(app))


async def test_the_pace_is_changed_by_keys_and_stands_in_the_footer(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, settings=Settings(refresh=0.25))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        assert "↻ 0.25s" in shown_text(app)
        await pilot.press("minus", "minus", "minus")
        await until(pilot, lambda: "↻ 5.00s" in shown_text(app) or "↻ 5s" in shown_text(app))
        await pilot.press("plus")
        assert app.pace.seconds == 1.0
        await pilot.press(*["minus"] * 9)
        assert app.pace.seconds == PACES[-1]


@pytest.mark.parametrize("theme", ["textual-light", "high-contrast", "ansi-dark", "ansi-light"])
async def test_every_kind_of_colours_draws_the_same_words(theme: str, runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    shown = []
    for each in (None, theme):
        app = GrpoTui(runs_dir, settings=Settings(theme=each))
        async with app.run_test(size=(80, 24)) as pilot:
            await until_read(pilot)
            await pilot.press("r")
            await until(pilot, lambda app=app: "✓" in shown_text(app))  # type: ignore[misc]
            shown.append(shown_text(app))
    assert shown[0] == shown[1]


async def test_no_colour_at_all_where_that_is_asked_for(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "✓" in shown_text(app))
        colours = {
            colour.triplet
            for strip in app.screen._compositor.render_strips()
            for segment in strip.apply_filter(app._filters[-1], app.screen.background_colors[0])
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour and colour.triplet
        }
    assert all(max(triplet) - min(triplet) <= 2 for triplet in colours)
