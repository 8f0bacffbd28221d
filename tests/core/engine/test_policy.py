"""Where a policy is loaded from: this machine if it can be, and never by asking a hub that is not there."""

from __future__ import annotations

import pytest

from grpo_core.config import model_folder
from grpo_core.engine import policy
from grpo_core.errors import ConfigError
from grpo_core.hub import missing_model


def test_what_the_hubs_cache_has_is_taken_where_the_hub_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = model_folder("embedded")
    assert folder is not None
    monkeypatch.setattr(policy, "cached_file", lambda *_: folder / "config.json")
    monkeypatch.setattr(policy, "why_no_hub", lambda: "the hub cannot be reached")
    assert policy.model_path("somebody/habits") == str(folder)
    monkeypatch.setattr(policy, "why_no_hub", lambda: None)
    assert policy.model_path("somebody/habits") == "somebody/habits", "it may be newer there"
    assert policy.model_path("embedded") == str(folder)


@pytest.mark.parametrize("load", [policy.load_model, policy.load_tokenizer])
def test_what_is_nowhere_is_said_at_once(monkeypatch: pytest.MonkeyPatch, load: object) -> None:
    monkeypatch.setattr("grpo_core.hub.why_no_hub", lambda: "hub.test cannot be reached")
    assert callable(load)
    with pytest.raises(ConfigError, match=r"no folder somebody/habits.*hub\.test cannot be reached"):
        load("somebody/habits")


@pytest.mark.parametrize("name", ["../models", "a..b/c", "-a/b"])
def test_a_name_that_the_hub_cannot_have(name: str) -> None:
    assert "the hub can have no model of that name" in (missing_model(name) or "")
