"""Curves and bars as characters."""

from __future__ import annotations

import pytest

from grpo_app.tui.bars import progress_bar, signed_bar
from grpo_app.tui.braille import braille, curve_cells, nice_range
from grpo_app.tui.curve_view import CurveView, range_without_outliers, smoothed
from grpo_app.tui.state import RunState, round_step
from grpo_app.tui.widgets.plot import PlotData, draw_plot
from grpo_core.views import Chart, Series


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


LOSS = Chart("loss", "Loss", "", (Series("loss", "loss", "Of the step"),))


def test_smoothing_begins_unbiased_and_is_a_weighted_mean() -> None:
    noisy = [(step, float(step % 2)) for step in range(1, 41)]
    drawn = smoothed(noisy, 0.9)
    assert drawn[0] == noisy[0]
    weights = [0.9 ** (40 - step) for step, _ in noisy]
    mean = sum(weight * value for weight, (_, value) in zip(weights, noisy, strict=True)) / sum(weights)
    assert drawn[-1] == (40, pytest.approx(mean))
    assert smoothed(noisy, 0.0) is noisy
    assert smoothed(noisy[:5], 0.9) == noisy[:5]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0] * 99 + [1000.0], (0.92, 1.08)),
        ([float(value) for value in range(100)], None),
        ([1.0] * 9 + [1000.0], None),
    ],
)
def test_outliers_do_not_stretch_an_axis(values: list[float], expected: tuple[float, float] | None) -> None:
    assert range_without_outliers(values) == (expected and pytest.approx(expected))


def test_a_logarithmic_axis_says_the_values_and_leaves_out_what_has_no_place() -> None:
    curve = ((1, 0.0), (2, 0.01), (3, 0.1), (4, 1.0))
    lines = [line.plain for line in draw_plot(LOSS, PlotData((curve,), 4), CurveView(log=True), 40, 9)]
    assert lines[1].lstrip().startswith("1.00 ┤")
    assert lines[4].lstrip().startswith("0.10 ┤")
    assert lines[-2].lstrip().startswith("0.01 ┤")
    assert lines[0].rstrip().endswith("1.00")


def test_a_title_says_the_last_value_as_it_is_however_its_curve_is_drawn() -> None:
    curve = tuple((step, float(step)) for step in range(1, 31))
    raw, smooth = (draw_plot(LOSS, PlotData((curve,), 30), CurveView(smooth), 40, 9) for smooth in (0.0, 0.9))
    assert raw[0] == smooth[0]
    assert [line.plain for line in raw[1:]] != [line.plain for line in smooth[1:]]
