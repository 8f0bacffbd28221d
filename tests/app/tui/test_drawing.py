"""Curves and bars as characters."""

from __future__ import annotations

import pytest

from grpo_app.tui.bars import progress_bar, signed_bar
from grpo_app.tui.braille import braille, curve_cells, nice_range
from grpo_app.tui.state import RunState, round_step


def dots(cells: list[list[int]]) -> int:
    return sum(bits.bit_count() for row in cells for bits in row)


def test_a_curve_goes_from_corner_to_corner() -> None:
    cells = curve_cells([(0, 0.0), (1, 1.0)], 4, 2, (0, 1), (0.0, 1.0))
    assert cells[1][0] & 0x40, "bottom left"
    assert cells[0][3] & 0x08, "top right"
    assert all(any(row[column] for row in cells) for column in range(4)), "no gap"


def test_a_spike_among_many_points_is_kept() -> None:
    points = [(step, 0.0) for step in range(10_000)]
    points[5_003] = (5_003, 1.0)
    cells = curve_cells(points, 20, 4, (0, 9_999), (0.0, 1.0))
    assert any(cells[0])


def test_a_dotted_curve_has_fewer_dots() -> None:
    points = [(0, 0.2), (9, 0.8)]
    whole, dotted = (curve_cells(points, 20, 4, (0, 9), (0.0, 1.0), dotted=each) for each in (False, True))
    assert 0 < dots(dotted) < dots(whole)


def test_values_beyond_the_axis_and_no_room_at_all() -> None:
    assert dots(curve_cells([(0, -5.0), (1, 5.0)], 4, 2, (0, 1), (0.0, 1.0))) > 0
    assert curve_cells([(0, 1.0)], 0, 0, (0, 1), (0.0, 1.0)) == []
    assert dots(curve_cells([], 4, 2, (0, 1), (0.0, 1.0))) == 0


def test_no_dots_is_a_space() -> None:
    assert braille(0) == " "
    assert braille(0xFF) == "⣿"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (0.0, 1.0)),
        ([1.0, 3.0], (0.0, 3.0)),
        ([9.0, 10.0], (9.0, 10.0)),
        ([-2.0, 1.0], (-2.0, 1.0)),
        ([0.0], (0.0, 1.0)),
    ],
)
def test_axes(values: list[float], expected: tuple[float, float]) -> None:
    assert nice_range(values) == expected


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (None, "    │    "),
        (0.0, "    │    "),
        (1.0, "    │████"),
        (-0.5, "  ██│    "),
        (0.01, "    │█   "),
        (-9.0, "████│    "),
    ],
)
def test_a_signed_bar(value: float | None, bar: str) -> None:
    assert signed_bar(value, 1.0) == bar


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.33, 0.999, 1.0, 7.0])
def test_a_progress_bar_is_always_as_wide(share: float) -> None:
    done, rest = progress_bar(share, 10)
    assert len(done + rest) == 10


@pytest.mark.parametrize(("last", "end"), [(0, 0), (7, 10), (99, 100), (100, 100), (101, 110), (1_234, 1_300)])
def test_the_axis_of_steps_ends_at_tens_or_at_two_digits(last: int, end: int) -> None:
    assert round_step(last) == end


@pytest.mark.parametrize(("most", "end"), [(97, 97), (200, 100), (90, 100), (None, 100)])
def test_the_axis_of_steps_goes_no_further_than_the_run(most: int | None, end: int) -> None:
    """Unless it did: a resume may have been given fewer steps."""
    assert RunState({"max_steps": most}, {"reward": {93: 1.0}}).axis_end == end
