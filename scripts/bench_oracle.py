"""Our oracle and Math-Verify side by side, on the same cases in the same run: `make bench-oracle`.

Accuracy by set with false accepts and false rejects apart, completions a second, p50 and p99, hostile inputs timed
from outside, memory of every process. Each judge is a process of its own that answers one case a line; a set is judged
by several of them, one after another, so that nothing is known from an earlier time, and the run of median speed
counts, since other work disturbs each. Math-Verify runs in a virtual environment that this script makes (or finds, with
--venv), and is left out with the reason where it cannot be installed. Nothing but the standard library is imported
here: both children run this very file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
REQUIREMENT = "math-verify[antlr4_13_2]"
SETS = (
    "grader_pair_tests",
    "mathverify_issues",
    "lighteval_tests",
    "mathverify_tests",
    "gsm8k_openai_completions",
    "math_reference_solutions",
    "math_mutated_gold",
)
LETTERS = "ABCDEFGHIJ"
HOSTILE_LIMIT = 15.0
"""Seconds after which a judge of a hostile input is killed."""
Row = dict[str, Any]
Judging = Callable[[Row], bool]
Answer = tuple[bool | None, float]
"""Is it correct (None if the judge raised), and the seconds that this took."""
Answers = tuple[list[Answer], float]
"""Of a list of rows, and the processor's seconds for all of them."""


def main() -> int:
    options = _options()
    if options.child:
        return _serve({"ours": _ours, "math-verify": _math_verify}[options.child]())
    data = Path(options.data or os.environ.get("GRPO_DASH_DATA") or ROOT.parent / "shared" / "data") / "verdicts"
    if not data.is_dir():
        print(f"There is no folder {data}: name it with --data or GRPO_DASH_DATA.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        pythons, reason = {"ours": sys.executable}, ""
        theirs, reason = _environment(Path(options.venv) if options.venv else Path(scratch) / "venv")
        if theirs:
            pythons["math-verify"] = theirs
        results = {name: _measure(name, python, data, options) for name, python in pythons.items()}
    report = {"machine": _machine(), "left_out": {"math-verify": reason} if reason else {}, "judges": results}
    print(_table(results) + (f"\nmath-verify is left out: {reason}" if reason else ""))
    if options.out:
        Path(options.out).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", help="folder with verdicts/*.jsonl (default: GRPO_DASH_DATA, else ../shared/data)")
    parser.add_argument("--out", help="write every figure to this JSON file")
    parser.add_argument("--venv", help="a virtual environment with, or for, math-verify (default: a throw-away one)")
    parser.add_argument("--limit", type=int, help="at most so many cases of each set")
    parser.add_argument("--repeats", type=int, default=5, help="processes that judge each set, one after another")
    parser.add_argument("--child", choices=("ours", "math-verify"), help=argparse.SUPPRESS)
    return parser.parse_args()


# --- the judges, each in a process of its own -------------------------------------------------------------------


def _ours() -> Judging:
    from grpo_core.oracle import judge

    return lambda row: judge(row["completion"], row["gold"], gold_format=row["format"]).outcome == "correct"


def _math_verify() -> Judging:
    from math_verify import (  # type: ignore[import-not-found]
        ExprExtractionConfig,
        LatexExtractionConfig,
        StringExtractionConfig,
        parse,
        verify,
    )

    plain = (LatexExtractionConfig(), ExprExtractionConfig())
    choice = (StringExtractionConfig(strings=tuple(LETTERS)),)

    def judging(row: Row) -> bool:
        letter = row["gold"].strip("() ") in LETTERS or row["kind"].endswith("mcq")
        configs = choice if letter else plain
        raw = row["format"] == "raw" and not letter
        gold = parse(f"\\boxed{{{row['gold']}}}" if raw else row["gold"], extraction_config=configs)
        return bool(verify(gold, parse(row["completion"], extraction_config=configs)))

    return judging


def _serve(judging: Judging) -> int:
    """A list of rows a line in; for each whether it is correct, and the seconds that this took, a line out, with the
    processor's seconds for all of them."""
    for line in sys.stdin:
        rows, start = json.loads(line), time.process_time()
        answers = [_answer(judging, row) for row in rows]
        print(json.dumps((answers, time.process_time() - start)), flush=True)
    return 0


def _answer(judging: Judging, row: Row) -> Answer:
    start = time.perf_counter()
    try:
        correct: bool | None = judging(row)
    except Exception:  # noqa: BLE001 - a judge that raises has not accepted; it is counted so
        correct = None
    return correct, time.perf_counter() - start


class Child:
    """A judge's process, asked a list of rows at a time."""

    def __init__(self, name: str, python: str) -> None:
        command = [python, "-P", str(Path(__file__).resolve()), "--child", name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, rows: list[Row], limit: float) -> Answers | None:
        """The answers, or None if they did not come within `limit` seconds and the judge was killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(limit, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps(rows) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        return json.loads(line) if line else None

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def memory(self) -> int:
        """The largest peak, in bytes, of the judge's process and the processes that it started."""
        return max((_peak(pid) for pid in (self.process.pid, *_children(self.process.pid))), default=0)


@contextmanager
def _child(name: str, python: str) -> Iterator[Child]:
    child = Child(name, python)
    child.ask([{"completion": "\\boxed{1}", "gold": "1", "format": "raw", "kind": ""}], 120)  # imports are not its cost
    try:
        yield child
    finally:
        child.close()


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in path.read_text().split()]
    return found


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


# --- measuring --------------------------------------------------------------------------------------------------


def _measure(name: str, python: str, data: Path, options: argparse.Namespace) -> Row:
    sets: dict[str, Row] = {}
    memory = 0
    for each in SETS:
        runs: list[Row] = []
        for _ in range(options.repeats):
            with _child(name, python) as child:
                runs.append(_measure_set(child, _rows(data / f"{each}.jsonl")[: options.limit]))
                memory = max(memory, child.memory())
        sets[each] = _median_run(runs)
    return {"sets": sets, "memory": memory, "hostile": _measure_hostile(name, python, data, options.limit)}


def _median_run(runs: list[Row]) -> Row:
    """The run of median speed, and the speeds of all of them."""
    ordered = sorted(runs, key=lambda run: run["per_second"])
    return {**ordered[len(runs) // 2], "per_second_of_each_run": [run["per_second"] for run in runs]}


def _rows(path: Path) -> list[Row]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [
        {
            "id": row["id"],
            "gold": row["gold"],
            "completion": row["completion"],
            "format": row.get("meta", {}).get("gold_format", "auto"),
            "kind": row.get("kind") or "",
            "expected": row.get("expected"),
            "safe": row.get("safe_expected"),
            "dubious": bool(row.get("meta", {}).get("dubious")),
        }
        for row in rows
    ]


def _measure_set(child: Child, rows: list[Row]) -> Row:
    given, processor = child.ask(rows, 600) or ([(None, 600.0)] * len(rows), 600.0)
    answers = list(zip(rows, given, strict=True))
    clean = [(row, correct) for row, (correct, _) in answers if not row["dubious"]]
    seconds = sorted(spent for _, (_, spent) in answers)
    accepts = [row["id"] for row, correct in clean if correct and not row["expected"]]
    rejects = [row["id"] for row, correct in clean if not correct and row["expected"]]
    return {
        "cases": len(clean),
        "accuracy": 1 - (len(accepts) + len(rejects)) / max(1, len(clean)),
        "false_accepts": accepts,
        "false_rejects": rejects,
        "per_second": len(rows) / max(1e-9, sum(seconds)),
        "per_processor_second": len(rows) / max(1e-9, processor),
        "p50": median(seconds),
        "p99": seconds[int(0.99 * (len(seconds) - 1))],
    }


def _measure_hostile(name: str, python: str, data: Path, limit: int | None) -> Row:
    """Each input by this process's clock; a judge that was killed is started again."""
    walls: list[float] = []
    killed: list[str] = []
    accepted: list[str] = []
    memory = 0
    rows = _rows(data / "hostile.jsonl")[:limit]
    while rows:
        with _child(name, python) as child:
            while rows:
                row = rows.pop(0)
                start = time.monotonic()
                answer = child.ask([row], HOSTILE_LIMIT)
                walls.append(time.monotonic() - start)
                memory = max(memory, child.memory())
                if answer is None:
                    killed.append(row["id"])
                    break
                accepted += [row["id"]] if answer[0][0][0] and str(row["safe"]).startswith("wrong") else []
    walls.sort()
    return {
        "cases": len(walls),
        "p50": median(walls) if walls else None,
        "longest": walls[-1] if walls else None,
        "over_5.5_s": sum(wall > 5.5 for wall in walls),
        "killed": killed,
        "accepted_unsafely": accepted,
        "memory": memory,
    }


def _environment(folder: Path) -> tuple[str, str]:
    """The Python of an environment with math-verify, or an empty text and why there is none."""
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
        if subprocess.run([python, "-c", "import math_verify"], capture_output=True, check=False).returncode:
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT]
            subprocess.run(install, check=True, capture_output=True, text=True, timeout=300)
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        return "", said[-1] if said else type(error).__name__
    return str(python), ""


def _machine() -> Row:
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    return {"python": platform.python_version(), "system": platform.platform(), "cpus": os.cpu_count(), "load": load}


def _table(results: dict[str, Row]) -> str:
    titles = f"{'cases':>6}{'accuracy':>10}{'accepts':>9}{'rejects':>9}{'/s':>9}{'p50':>10}{'p99':>10}"
    lines = [f"{'set':<26}{'judge':<13}{titles}"]
    for each in SETS:
        for name, result in results.items():
            row = result["sets"][each]
            wrong = f"{len(row['false_accepts']):>9}{len(row['false_rejects']):>9}"
            times = f"{row['per_second']:>9.0f}{1000 * row['p50']:>7.2f} ms{1000 * row['p99']:>7.1f} ms"
            lines.append(f"{each:<26}{name:<13}{row['cases']:>6}{row['accuracy']:>10.4f}{wrong}{times}")
    for name, result in results.items():
        row = result["hostile"]
        said = f"longest {row['longest']:.2f} s, {row['over_5.5_s']} over 5.5 s, {len(row['killed'])} killed"
        said += f", {len(row['accepted_unsafely'])} accepted, {row['memory'] / 2**20:.0f} MB"
        lines.append(f"{'hostile':<26}{name:<13}{row['cases']:>6}  {said}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
