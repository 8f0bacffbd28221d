"""Why a verdict, and partial credit, as plain data for both screens."""

from __future__ import annotations

import math

import pytest

from grpo_core.oracle import explain
from grpo_core.oracle.reasons import RULES
from grpo_core.types import Json
from grpo_core.views.credit import partial_credit
from grpo_core.views.parse_tree import MOST_NODES, parse_tree
from grpo_core.views.verdict import answer_place, check_ladder, verdict_trail
from grpo_core.views.verdict_words import CHECK_WORDS, RULE_WORDS

STEPS = ["12+7=19", "19*3=57", "57-5=52"]
PROBLEM = {"gold": "52", "steps": STEPS}


def judged(text: str, gold: str = "52", steps: list[str] = STEPS, **rewards: float) -> tuple[Json, Json]:
    explanation = explain(text, gold, steps).to_json()
    return {"text": text, "verdict": explanation["verdict"], "rewards": rewards}, explanation


def test_every_rule_and_check_has_its_words() -> None:
    assert set(RULE_WORDS) == set(RULES)
    assert list(CHECK_WORDS) == [
        "string", "choice", "structure", "rational", "normal_form", "relation", "evaluation", "proof",
    ]  # fmt: skip


def test_the_trail_leads_from_the_text_to_the_reason() -> None:
    completion, explanation = judged("First.\nSo \\boxed{0.5}!", "1/2", [])
    trail = verdict_trail(completion, {"gold": "1/2", "steps": []}, explanation)
    assert trail["outcome"] == "correct"
    assert trail["place"] == {
        "before": "First.\nSo \\boxed{",
        "answer": "0.5",
        "after": "}!",
        "line": 2,
        "span": [17, 20],
    }
    assert trail["rule"]["code"] == "boxed"
    answer, gold = trail["sides"]
    assert (answer["text"], answer["latex"], answer["tree"]["label"]) == ("0.5", "0.5", "1/2")
    assert (gold["text"], gold["mathml"][0]) == ("1/2", "mfrac")
    assert [(rung["check"], rung["state"]) for rung in trail["checks"]][:3] == [
        ("string", "passed"), ("structure", "passed"), ("rational", "decided"),
    ]  # fmt: skip
    assert trail["sentence"] == explanation["sentence"]


def test_a_trail_ends_where_the_judge_ended() -> None:
    completion, explanation = judged("no idea at all")
    trail = verdict_trail(completion, PROBLEM, explanation)
    assert (trail["place"], trail["rule"], trail["checks"]) == (None, None, [])
    assert trail["sides"][0]["mathml"] is None
    assert verdict_trail({**completion, "verdict": None}, PROBLEM, None)["outcome"] is None


def test_a_stored_verdict_has_a_trail_before_the_oracle_was_asked() -> None:
    completion, _ = judged("\\boxed{3}")
    trail = verdict_trail(completion, PROBLEM, None)
    assert trail["sentence"] == completion["verdict"]["message"]
    assert trail["sides"][0]["text"] == "3"


def test_the_place_of_an_answer_is_in_code_points() -> None:
    text = "🎲" * 100 + "\n\\boxed{7}" + "𝟚" * 100
    place = answer_place(text, [108, 109])
    assert place is not None
    assert (place["answer"], place["line"]) == ("7", 2)
    assert place["before"].startswith("…🎲")
    assert place["after"].endswith("𝟚…")


@pytest.mark.parametrize("check", ["choice", "relation"])
def test_a_check_for_one_kind_of_answer_shows_only_where_it_decided(check: str) -> None:
    assert check in {rung["check"] for rung in check_ladder(check, "correct")}
    assert check not in {rung["check"] for rung in check_ladder("proof", "correct")}


def test_a_large_parse_is_cut() -> None:
    drawn = parse_tree(["add", *(["n", str(number)] for number in range(5 * MOST_NODES))])
    assert drawn["label"] == "+"
    assert len(drawn["children"]) == MOST_NODES
    assert drawn["children"][-1]["label"] == "…"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("12+7=19\n19*3=57\n57-5=52\n\\boxed{52}", ["step", "step", "step", "line", "answer"]),
        ("12+7=19\n57-5=52\n\\boxed{50}", ["step", "missed", "step", "line"]),
        ("a\nb\nc\nd\n12+7=19", ["gap", "step", "missed", "missed"]),
        ("\\boxed{52}", ["line", "missed", "missed", "missed", "answer"]),
        ("", ["missed", "missed", "missed"]),
    ],
)  # fmt: skip
def test_credits_add_up_row_by_row(text: str, kinds: list[str]) -> None:
    completion, explanation = judged(text)
    credit = partial_credit(completion, PROBLEM)
    assert credit is not None
    assert [row["kind"] for row in credit["rows"]] == kinds
    assert credit["rows"][-1]["sum"] == credit["total"]
    assert credit["total"] == sum(step["credit"] for step in explanation["verdict"]["steps"])
    assert sorted(row["reference"]["index"] for row in credit["rows"] if row["reference"]) == [0, 1, 2]


def test_the_right_answers_row_tops_up_to_one() -> None:
    credit = partial_credit(judged("12+7=19\n\\boxed{52}")[0], PROBLEM)
    assert credit is not None
    assert (credit["matched"], credit["reference"]) == (1, 3)
    assert math.isclose(credit["steps"], 1 / 3)
    assert credit["total"] == 1.0


def test_the_reward_names_what_it_was_multiplied_by() -> None:
    credit = partial_credit(judged("12+7=19\n\\boxed{50}", partial=1 / 6)[0], PROBLEM)
    assert credit is not None
    assert math.isclose(credit["factor"], 0.5)
    assert partial_credit(judged("1+1=2", steps=[])[0], {"gold": "52", "steps": []}) is None
