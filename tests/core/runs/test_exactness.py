"""Where a resume may not equal the uninterrupted run, that is said before it starts, and why."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grpo_core.runs import RunFolder, control, exactness, summarise
from grpo_core.runs.checkpoints import write_manifest
from grpo_core.runs.exactness import Place, doubts, doubts_of_resume, this_place
from grpo_core.runs.process import ExitRecord, ProcessRecord, identify, write_record
from tests.samples import write_sample_run

HERE = Place("cpu", "Some Processor", 4, {"torch": "2.13.0", "trl": "1.14.2"})
GPU = replace(HERE, device="cuda")


@pytest.mark.parametrize(
    ("before", "here", "words"),
    [
        (HERE, HERE, []),
        (Place(None, None, None, {}), HERE, []),
        (replace(HERE, cores=None), replace(HERE, cores=64), []),
        (GPU, GPU, ["GPU", "bit for bit", "no fixed order"]),
        (GPU, HERE, ["GPU", "device cuda, here cpu"]),
        (HERE, GPU, ["GPU", "device cpu, here cuda"]),
        (HERE, replace(HERE, processor="Another"), ["processor Some Processor, here Another"]),
        (HERE, replace(HERE, cores=2), ["number of cores 4, here 2"]),
        (HERE, replace(HERE, packages={"torch": "2.14.0"}), ["torch 2.13.0, here 2.14.0"]),
    ],
)
def test_what_may_give_other_last_digits_is_named(before: Place, here: Place, words: list[str]) -> None:
    said = " ".join(doubts(before, here))
    assert bool(said) == bool(words)
    assert all(word in said for word in words)


def test_a_place_survives_its_manifest(tmp_path: Path) -> None:
    folder = ended_run(tmp_path, this_place("cpu"))
    assert Place.from_json(exactness.made_on(folder.checkpoints / "checkpoint-4") or {}) == this_place("cpu")
    assert exactness.made_on(tmp_path) is None


def test_it_is_said_on_the_button_and_in_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "start_supervisor", lambda folder: None)
    same, other = ended_run(tmp_path, this_place()), ended_run(tmp_path, replace(this_place(), processor="Another"))
    (exact,), (doubtful,) = (control.offered_controls(run, summarise(run)) for run in (same, other))
    assert (exact.kind, exact.doubt) == ("resume", "")
    assert exact.meaning.startswith("Go on from the checkpoint of step 4;")
    assert "processor Another" in doubtful.doubt
    assert control.resume_run(same, "test") == f"{same.id} goes on from step 4."
    assert control.resume_run(other, "test") == f"{other.id} goes on from step 4. {doubtful.doubt}"


def test_the_button_says_where_there_is_no_checkpoint(tmp_path: Path) -> None:
    folder = ended_run(tmp_path, this_place())
    shutil.rmtree(folder.checkpoints / "checkpoint-4")
    (resume,) = control.offered_controls(folder, summarise(folder))
    assert resume.meaning == "Begin again: there is no whole checkpoint to go on from."


def test_a_damaged_checkpoint_is_named_in_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "start_supervisor", lambda folder: None)
    folder = ended_run(tmp_path, this_place())
    (folder.checkpoints / "checkpoint-8").mkdir()
    said = control.resume_run(folder, "test")
    assert "from step 4. checkpoint-8 was not finished" in said


def test_without_a_place_in_the_manifest_the_facts_are_asked(tmp_path: Path) -> None:
    folder = ended_run(tmp_path, None)
    assert doubts_of_resume(folder) == ()
    writer = folder.writer()
    writer.set_facts({"device": "cuda:0"})
    writer.close()
    assert exactness.GPU_DOUBT in doubts_of_resume(folder)


@pytest.mark.parametrize("manifest", ["", "{", "[]", "{}", '{"files": []}', '{"files": {}}', '{"files": {"a": 1}}'])
def test_a_torn_manifest_is_a_damaged_checkpoint(tmp_path: Path, manifest: str) -> None:
    folder = ended_run(tmp_path, this_place("cpu"))
    torn = folder.checkpoints / "checkpoint-8"
    torn.mkdir()
    (torn / "manifest.json").write_text(manifest)
    (resume,) = control.offered_controls(folder, summarise(folder))
    assert resume.meaning.startswith("Go on from the checkpoint of step 4;")
    assert resume.meaning.endswith("checkpoint-8 is damaged: its manifest cannot be read.")


def ended_run(runs_dir: Path, place: Place | None) -> RunFolder:
    """A run that was killed in its eighth step and has the checkpoint of its fourth."""
    folder = write_sample_run(runs_dir, steps=8)
    writer = folder.writer()
    writer.set_facts({"step": 7})
    writer.close()
    checkpoint = folder.checkpoints / "checkpoint-4"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text("{}")
    write_manifest(checkpoint, 4, place.to_json() if place else None)
    gone = replace(identify(1), boot_id="another boot")
    write_record(folder.process_file, ProcessRecord(gone, gone, 1))
    write_record(folder.exit_file, ExitRecord(1, None, 9, 0.0))
    return folder
