"""Alerts: each planted fault raises its own and nothing else; a healthy run raises none at any of its steps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grpo_core.objective import grpo_advantages
from grpo_core.store.group_facts import OUTCOME_LETTERS
from grpo_core.types import Completion, Evaluation, Group, Problem, Verdict
from grpo_core.views.alert import SAMPLES, Alert
from grpo_core.views.alert_watch import AlertWatch, watch_alerts
from grpo_core.views.alerts import DETECTORS, find_alerts
from grpo_core.views.evidence import Evidence
from grpo_core.views.repetition import is_repetitive
from tests.faults import FAULTS, write_faulty_run
from tests.samples import write_sample_run

CASES = Path(__file__).parents[2] / "cases"
PLANTED = [json.loads(line) for line in (CASES / "alerts.jsonl").read_text().splitlines()]
HEALTHY = json.loads((CASES / "healthy_run.json").read_text())
OUTCOMES = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
FOUND = {
    "healthy": [],
    "wrong-gold": ["agreement_against_gold"],
    "wrong-gold-while-weak": ["agreement_against_gold"],
    "timeouts": ["judge_gave_up"],
    "gamed-format": ["reward_without_held_out", "format_over_correct", "length_drift"],
    "dead-groups": ["dead_groups"],
    "length-explosion": ["repeated_text", "length_drift"],
    "entropy-collapse": ["entropy_collapse"],
    "one-seed": ["same_text", "dead_groups"],
    "exploding-gradient": ["gradient_explodes"],
    "repeated-text": ["repeated_text", "length_drift"],
    "truncated": ["cut_off", "length_drift"],
    "unparsable": ["unreadable_answers"],
    "forgotten": ["forgotten_problems"],
    "duplicate": ["agreement_against_gold", "same_problem_twice"],
    "sampled-oftener": ["same_problem_twice"],
    "wrong-sign": ["right_earns_less", "reward_without_held_out", "forgotten_problems"],
    "unscorable": ["gold_not_read"],
}
"""What a run with each fault raises, when it has ended."""
STEPS = 60
LOOP = 100


def evidence_of(case: dict[str, Any]) -> Evidence:
    groups = [spec for spec in case["groups"] for _ in range(spec["count"])]
    return Evidence(
        {key: ramp(low, high) for key, (low, high) in case["series"].items()},
        [
            evaluation(number * STEPS // max(1, len(case["evals"]) - 1), rate)
            for number, rate in enumerate(case["evals"])
        ],
        [],
        [group(number, spec) for number, spec in enumerate(groups, 1)],
    )


def ramp(low: float, high: float) -> list[tuple[int, float]]:
    return [(step, low + (high - low) * (step - 1) / (STEPS - 1)) for step in range(1, STEPS + 1)]


def evaluation(step: int, rate: float) -> Evaluation:
    return Evaluation(step, 64, 4, rate, rate, (rate - 0.05, rate + 0.05), rate, rate)


def group(number: int, spec: dict[str, Any]) -> Group:
    """`outcomes` has a letter a completion, `-` for one that nothing judged; rewards are 1 for correct by default."""
    letters = spec["outcomes"]
    known = [1.0 if letter == "c" else None if letter == "s" else 0.0 for letter in letters]
    given = spec.get("rewards", known)
    functions = given if isinstance(given, dict) else {"correct": given}
    rewards = given if not isinstance(given, dict) else [sum(row) for row in zip(*given.values(), strict=True)]
    advantages = grpo_advantages(rewards)
    completions = [
        Completion(
            index,
            spec.get("repeat", "") * LOOP or spec.get("text", f"The answer is \\boxed{{{index}}}."),
            20 + index,
            spec.get("finish", "stop"),
            None if letter == "-" else Verdict(OUTCOMES[letter], spec.get("answer", str(index)), reason="SEEN"),
            {name: values[index] for name, values in functions.items()},
            rewards[index],
            advantages[index],
        )
        for index, letter in enumerate(letters)
    ]
    return Group(number, STEPS, "train", Problem(f"p{number}", f"6*{number}", "42"), tuple(completions))


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case["id"])
def test_a_planted_fault_raises_its_alert_and_no_other(case: dict[str, Any]) -> None:
    assert [alert.kind for alert in find_alerts(evidence_of(case))] == case["expect"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_with_a_fault_raises_what_leads_to_it(fault: str, tmp_path: Path) -> None:
    folder = write_faulty_run(tmp_path, fault)
    reader = folder.reader()
    alerts = watch_alerts(folder, reader).poll() or []
    known = {row.id for row in reader.group_rows(limit=1000)}
    reader.close()
    assert [alert["kind"] for alert in alerts] == FOUND[fault]
    assert all(sample["group"] in known for alert in alerts for sample in alert["samples"])


def test_a_weight_below_zero_is_named(tmp_path: Path) -> None:
    folder = write_faulty_run(tmp_path, "wrong-sign")
    reader = folder.reader()
    (alert,) = (one for one in watch_alerts(folder, reader).poll() or [] if one["kind"] == "right_earns_less")
    reader.close()
    assert "correct -1.00" in alert["evidence"]


def test_a_run_whose_settings_are_damaged_is_looked_through_all_the_same(tmp_path: Path) -> None:
    folder = write_faulty_run(tmp_path, "dead-groups")
    folder.config_file.write_bytes(b"\xff nonsense")
    reader = folder.reader()
    alerts = watch_alerts(folder, reader).poll() or []
    reader.close()
    assert [alert["kind"] for alert in alerts] == FOUND["dead-groups"]


def test_every_detector_has_a_planted_fault() -> None:
    kinds = {kind for case in PLANTED for kind in case["expect"]} | {kind for found in FOUND.values() for kind in found}
    assert len(kinds) == len(DETECTORS)


@pytest.mark.parametrize("case", [case for case in PLANTED if case["expect"]], ids=lambda case: case["id"])
def test_an_alert_is_evidence_with_completions_to_read(case: dict[str, Any]) -> None:
    evidence = evidence_of(case)
    (alert,) = find_alerts(evidence)
    assert any(character.isdigit() for character in alert.evidence)
    assert alert.perhaps
    assert samples_exist(alert, evidence)
    assert json.loads(json.dumps(alert.to_json()))["kind"] == alert.kind


def samples_exist(alert: Alert, evidence: Evidence) -> bool:
    """Those that series alone raised may have none; what there is can be opened."""
    by_id = {group.id: group for group in evidence.late}
    assert len(alert.samples) <= SAMPLES
    return all(
        one.group in by_id and (one.k is None or one.k < len(by_id[one.group].completions)) for one in alert.samples
    )


@pytest.mark.parametrize("step", range(1, 201))
def test_a_healthy_run_raises_none_at_any_step(step: int) -> None:
    """The demo's own series and evaluations as they were recorded, up to each step."""
    evidence = Evidence(
        {key: [(at, value) for at, value in points if at <= step] for key, points in HEALTHY["metrics"].items()},
        [recorded(row) for row in HEALTHY["evals"] if row["step"] <= step],
    )
    assert find_alerts(evidence) == []


def recorded(row: dict[str, Any]) -> Evaluation:
    return replace(evaluation(row["step"], row["pass@1"]), ci95=tuple(row["ci95"]), greedy=row["greedy"])


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("", False),
        ("12+7=19\n19*3=57\n57-5=52\n\\boxed{52}", False),
        ("To solve 2x+3=11 we first subtract 3 from both sides, then divide by 2, and find that x is 4.", False),
        ("wait, no, " * 20, True),
        ("1" * 500, True),
        ("\ud800 " * 30, True),
    ],
)
def test_repetition_is_told_from_reasoning(text: str, repeats: bool) -> None:
    assert is_repetitive(text) is repeats


def test_a_run_is_looked_at_again_only_after_something_happened(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=4)
    reader, writer, now = folder.reader(), folder.writer(), iter(range(0, 1000, 100))
    watch = AlertWatch(reader, lambda: float(next(now)))
    assert watch.poll() == []
    assert watch.poll() is None
    dead = [group(writer.next_group_id() + number, {"outcomes": "wwww"}) for number in range(60)]
    writer.add_groups(dead)
    found = watch.poll()
    assert found is not None
    assert [alert["kind"] for alert in found] == ["dead_groups"]
    assert found[0]["samples"][0]["group"] == dead[-1].id
    writer.close()
    reader.close()
