"""The phrases that announce an answer ("the final answer is", "answer:", "A:"): where the last of them end.

The regular expressions say what a phrase is. Since searching a whole completion with them costs more than the rest of
an easy verdict, the last phrase is first looked for at its cue word, from the end of the text backwards.
"""

from __future__ import annotations

import re

HASHES = re.compile(r"#{4}[ \t]{0,9}(?=\S)")
FINAL = re.compile(
    r"(?i)\bfinal[ \t]{1,4}(?:answer|result|solution)\b[*_\]]{0,3}(?:[ \t]{0,4}(?:is\b|are\b|[:：=]))+[ \t*_]{0,4}"
    r"|\[final (?:solution|answer)\][ \t*_]{0,4}"
)
STATED = re.compile(
    r"(?i)(?:\banswers?\b[*_]{0,2}(?:[ \t]{0,2}\([^()\n]{1,40}\))?[ \t]{0,4}"
    r"(?:(?:is|are|would be|must be|equals)\b|[:：=])"
    r"|(?<![^\n])[ \t]{0,4}A:|\b(?:réponse|respuesta|resposta|risposta|antwort)(?: finale?)?\b[ \t]{0,4}"
    r"(?:est\b|es\b|é(?!\w)|è(?!\w)|ist\b|lautet\b|[:：])|(?:答案|答え|答)(?:是|为|為|は|：|:)"
    r"|(?:답은|답)[ \t]{0,2}[:：]?"
    r"|\bответ\b[ \t]{0,2}[:：—-]|(?:الإجابة|الجواب)(?: النهائي(?:ة)?)? ?(?:هي|هو|[:：])|उत्तर ?(?:है|[:：])"
    r"|\b(?:đáp án|đáp số|câu trả lời)\b ?(?:là\b|[:：])|คำตอบ(?:คือ|[:：])|\bjibu ni\b|\bcevap\b ?[:：])[ \t:*_]{0,4}"
)
_LATIN_CUES = ("respuesta", "resposta", "risposta", "antwort", "jibu", "cevap")
_OTHER_CUES = ("réponse", "答", "답", "ответ", "الإجابة", "الجواب", "उत्तर", "đáp", "câu", "คำตอบ")
_SHORTEST_STATEMENT = len("cevap:5")
"""Of those with a Latin cue: no shorter text holds one."""
_LETTERED = re.compile(r"[Aa]:[ \t:*_]{0,4}")
"""What `STATED` finds at an `A:` that begins a line."""
_LONGEST_REMARK = 42
"""Between the bracket that `answer (…) is` may open and what stands in it."""
_FOLDED = ("ſ", "ı")
"""Letters that the expressions take for `s` and `i`, and `str.lower` does not."""
_MOST = 3
"""Phrases that are tried, from the last one back."""
UNKNOWN = -1
"""Where a phrase ends, if only a search of the whole text can tell; 0 is for no phrase at all."""


def all_ends(phrase: re.Pattern[str], text: str) -> list[int]:
    """Where the last three phrases end, the last one first."""
    return [match.end() for match in phrase.finditer(text)][: -_MOST - 1 : -1]


def last_hashes(text: str) -> int:
    """Where the last `####` ends. Of a longer run the first four count, which only the search from the left finds."""
    start = text.rfind("####")
    if start < 0:
        return 0
    match = HASHES.match(text, start) if text[start - 1 : start] != "#" else None
    return match.end() if match is not None else UNKNOWN


def last_final(text: str, lower: str) -> int:
    """Where the last "final answer is" ends; `lower` is the text in small letters."""
    if not (text.isascii() or _aligned(text, lower)):
        return UNKNOWN
    cue = lower.rfind("final")
    while cue >= 0:
        match = FINAL.match(text, cue) or (FINAL.match(text, cue - 1) if cue else None)
        if match is not None:
            return match.end()
        cue = lower.rfind("final", 0, cue)
    return 0


def last_stated(text: str, lower: str) -> int:
    """Where the last "answer is", "answer:" or "A:" ends; `lower` is the text in small letters."""
    if not (text.isascii() or _aligned(text, lower)):
        return UNKNOWN
    end = _last_in_english(text, lower)
    return UNKNOWN if _has_foreign_cue(lower, max(end, 0)) else end


def _last_in_english(text: str, lower: str) -> int:
    answer, letter = lower.rfind("answer"), lower.rfind("a:")
    while answer != letter:
        cue = max(answer, letter)
        match = STATED.match(text, cue) if cue == answer else _lettered(text, cue)
        if match is not None:
            # An earlier phrase may hold this one: `answer (the answer to b) is`.
            held = cue == answer and text.rfind("(", max(0, cue - _LONGEST_REMARK), cue) >= 0
            return UNKNOWN if held else match.end()
        if cue == answer:
            answer = lower.rfind("answer", 0, cue)
        else:
            letter = lower.rfind("a:", 0, cue)
    return 0


def _lettered(text: str, cue: int) -> re.Match[str] | None:
    """The phrase of an `A:` at `cue`, which must begin a line."""
    if text[cue - 1 : cue] == "\n":
        return _LETTERED.match(text, cue)
    return STATED.match(text, max(text.rfind("\n", max(0, cue - 5), cue) + 1, cue - 4, 0))


def _has_foreign_cue(lower: str, start: int) -> bool:
    if lower.isascii():
        return len(lower) - start >= _SHORTEST_STATEMENT and any(lower.find(cue, start) >= 0 for cue in _LATIN_CUES)
    return any(lower.find(cue, start) >= 0 for cue in _LATIN_CUES + _OTHER_CUES)


def _aligned(text: str, lower: str) -> bool:
    """Does a place in `lower` mean the same place in `text`, and a cue in one a cue in the other?"""
    return len(lower) == len(text) and not any(letter in lower for letter in _FOLDED)
