"""Write the README's tables from what they describe: settings from RunConfig, objectives from their table, figures from
docs/learning.json."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from measure_learning import RESULTS, describe
from pydantic_core import PydanticUndefined

from grpo_core.config import RunConfig
from grpo_core.objective import OBJECTIVES

README = Path(__file__).parents[1] / "README.md"


def main() -> int:
    README.write_text(with_tables(README.read_text()))
    return 0


def with_tables(readme: str) -> str:
    """The README with its tables as they should be."""
    readme = _between(readme, "settings", settings_table())
    readme = _between(readme, "objectives", objectives_table())
    return _between(readme, "learning", describe(json.loads(RESULTS.read_text())))


def settings_table() -> str:
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in RunConfig.model_fields.items():
        default = "" if field.default is PydanticUndefined else json.dumps(field.default, ensure_ascii=False)
        rows.append(f"| `{name}` | `{default}` | {field.description} |")
    return "\n".join(rows)


def objectives_table() -> str:
    rows = ["| `objective` | the number that is stored | the loss it enters | source |", "|---|---|---|---|"]
    for info in OBJECTIVES.values():
        cells = (f"`{info.name}`", info.advantage, info.loss, info.source)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def _between(text: str, name: str, content: str) -> str:
    pattern = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
    return re.sub(pattern, lambda match: f"{match[1]}{content}\n{match[2]}", text, flags=re.DOTALL)


if __name__ == "__main__":
    sys.exit(main())
