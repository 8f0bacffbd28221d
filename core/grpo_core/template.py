"""The template of the `format` reward: literal text with `...` where anything may stand.

    <think>...</think><answer>...</answer>        DeepSeek-R1's
    ...\\boxed{...}...                             a boxed answer anywhere

White space in the template, and between two tags, stands for any white space or none; white space around a completion
does not count. A tag of the template must be there exactly once, so that text which repeats it earns nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

ANYTHING = "..."
_PIECE = re.compile(r"</?[^<>\s]+>|[^<\s]+|<")
_TAG = re.compile(r"</?[^<>\s]+>")


def follows_template(text: str, template: str) -> bool:
    """Is the completion built as the template says? Takes time in proportion to the text, whatever it is."""
    tags, blocks = _parsed(template)
    stripped = text.strip()
    if any(stripped.count(tag) != 1 for tag in tags):
        return False
    if len(blocks) == 1:
        return blocks[0].fullmatch(stripped) is not None
    start = blocks[0].match(stripped)
    position = start.end() if start else -1
    for block in blocks[1:-1]:
        found = block.search(stripped, position) if position >= 0 else None
        position = found.end() if found else -1
    return position >= 0 and _ends_with(stripped, position, blocks[-1])


def template_error(template: str) -> str | None:
    """What is wrong with a template, or None."""
    if not template.replace(ANYTHING, "").strip():
        return "format_template needs some text besides `...`, such as <think>...</think><answer>...</answer>"
    return None


def _ends_with(text: str, position: int, block: re.Pattern[str]) -> bool:
    """Is there a match after `position` that ends with the text? Tried from the end, where it must be."""
    if not block.pattern:
        return True
    last = max((found.start() for found in block.finditer(text, position)), default=None)
    return last is not None and block.fullmatch(text, last) is not None


@lru_cache(maxsize=32)
def _parsed(template: str) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    """The tags, and a pattern for each stretch between two `...`."""
    pieces = [_PIECE.findall(block) for block in template.strip().split(ANYTHING)]
    tags = tuple(dict.fromkeys(piece for block in pieces for piece in block if _TAG.fullmatch(piece)))
    return tags, tuple(re.compile(r"\s*".join(map(re.escape, block))) for block in pieces)
