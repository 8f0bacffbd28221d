"""Mathematics inside prose: formulas between delimiters, runs of mathematical words, the last number.

Spans in, spans out. Every search is one pass, or looks at a bounded piece of the text.
"""

from __future__ import annotations

import re

from grpo_core.oracle.limits import MAX_ANSWER
from grpo_core.oracle.tokens import FUNCTIONS
from grpo_core.types import Span

_DIGIT = re.compile(r"\d")
_NUMBER_START = re.compile(r"(?<![A-Za-z\d])\d")
_MEANINGFUL = re.compile(r"[\dA-Za-z]")
_MACRO = re.compile(r"\\[A-Za-z]+(?:\{[^{}]*\})?")
_LONG_WORD = re.compile(r"[A-Za-z]{3,}")
_DANGLING = re.compile(r"(?:^|\s)(?:and|or)\s*\Z")
_WORD = re.compile(r"\S+")
_PROSE = re.compile(r"[^\w\\$]*(?:[^\W\d_]{2,}|I|a|A)[^\w\\$({\[^_+*/=<>]*")
_CONNECTIVES = frozenset({"and", "or", "pi", "infinity"}) | FUNCTIONS
_ALTERNATIVE = re.compile(r"\s*(?:maybe|perhaps|possibly|also|else|rather|even)\s+\$?-?\d")
_SENTENCE_END = re.compile(r"[.!?](?=\s+[^\W\d]|\s*\Z)|[。！？]|\n|<\|")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u1fff\u2e80-\ud7ff\uf900-\ufaff]")
_LETTER = (
    r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])(?=\s?[-=+*/^<>(_])|(?<=[\d)}])[A-Za-z](?![A-Za-z])"
    r"|(?<=[-=+*/^]\s)[A-Za-z](?![A-Za-z])"
)
_PIECE = (
    rf"\\[A-Za-z]{{1,20}}\d{{0,9}}|(?<![A-Za-z_\d])\d[\d,]*(?:\.\d+)?|(?<=[\^_]){_LETTER}|{_LETTER}"
    r"|[-+*/^_=(){}%×·÷−!|]|(?<!<)<(?!<)|(?<!>)>(?!>)|\.\d+|(?<=\d)[^\S\n]+(?=[\d(\\])"
)
_EXPRESSION = re.compile(rf"(?:{_PIECE}|[^\S\n](?=[-+*/^=(×·÷−\\<>%])|(?<=[-+*/^=)×·÷−<>,])[^\S\n]|(?<=\d),(?=\d))+")
_TRIM_LEFT, _TRIM_RIGHT = " \t\n*_:：,;=", " \t\n.,;:=*_。，；"
_FORMULA_STARTS = (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$"))
_NUMBER_AND_UNIT = re.compile(r"[-\s]*[\d,.]+[a-z]")
_PLAIN_NUMBER = re.compile(
    r"\s{0,9}+(-?[0-9]{1,40}+(?:,[0-9]{1,40}+){0,9}+(?:\.[0-9]{1,40}+)?+)"
    r"(?:\.?+(?:\n|\s{0,9}+\Z)|\.\s[A-Za-z]"
    rf"|\s(?!(?:{'|'.join(sorted(_CONNECTIVES))})\b)[a-z]{{3,30}}+[.,;!?]?+(?:\s|\Z))"
)
"""A number at the beginning of a sentence, and then nothing, or prose."""
_CURRENCIES = frozenset("$€£")
_CURRENCY_AFTER = re.compile(r"\s?[$€£]")
_CIRCUMSTANCE = re.compile(
    r"(?i)\b(?:after|in|within|during|since|per|every|for|d['’]ici|pendant|dans|après|en)\s+[$€£]?\Z"
)
_REMARK = re.compile(r"\((?:as|since|because|where|if|when|with|note)\b[^()$]{0,40}\$?\s?\Z")
_SAID_SIGN = re.compile(r"(?i)\b(?:negative|minus)\s?\Z")
_MAX_NUMBERS_IN_A_SENTENCE = 20
_MAX_SEARCHED = 20_000
_LOOKED_AHEAD = 2
"""Code points after an expression by which its end is known."""
_MAX_WHOLE = 2 * MAX_ANSWER
_MAX_PROSE_WORDS = 3
_MAX_REMARKS = 4
_MAX_TEXT_WORDS = 6


def trimmed(text: str, start: int, end: int) -> Span | None:
    """The span without outer space and sentence punctuation; None if nothing is left."""
    while start < end and text[start] in _TRIM_LEFT:
        start += 1
    while end > start and text[end - 1] in _TRIM_RIGHT:
        end -= 1
    return (start, end) if start < end else None


def statement(text: str, start: int, end: int | None = None) -> Span | None:
    """The mathematics of the sentence that begins at `start`: at its beginning, else the last in the sentence."""
    plain = _PLAIN_NUMBER.match(text, start) if end is None else None
    return plain.span(1) if plain is not None else read_statement(text, start, end)


def read_statement(text: str, start: int, end: int | None = None) -> Span | None:
    """`statement`, whatever stands there."""
    limit = min(len(text), start + MAX_ANSWER + 1) if end is None else end
    while start < limit and text[start].isspace():
        start += 1
    formula = formula_at(text, start, limit)
    if formula is not None:
        return formula
    stop = _SENTENCE_END.search(text, start, limit)
    if stop:
        limit = stop.start()
    foreign = _OTHER_SCRIPT.search(text, start, limit)
    run = _run(text, start, foreign.start() if foreign else limit)
    if run is not None:
        return run
    return _last_in(text, start, limit)


def _last_in(text: str, start: int, limit: int) -> Span | None:
    piece = text[start:limit]
    inner = last_formula(piece) or _answering_number(piece) or last_number(piece)
    if inner is None:
        return None
    sign = _SAID_SIGN.search(piece, max(0, inner[0] - 10), inner[0])
    return (sign.start() if sign else inner[0]) + start, inner[1] + start


def _answering_number(sentence: str) -> Span | None:
    """Of several numbers in a sentence the last that no preposition makes a circumstance of (`42 apples after 3 days`).
    An amount of money goes before other numbers."""
    numbers = [m for m in _EXPRESSION.finditer(sentence) if _DIGIT.search(m[0])]
    if len(numbers) < 2 or len(numbers) > _MAX_NUMBERS_IN_A_SENTENCE:
        return None
    amounts = [m for m in numbers if _is_amount(sentence, m)]
    answering = [m for m in numbers if not _CIRCUMSTANCE.search(sentence[max(0, m.start() - 12) : m.start()])]
    chosen = (amounts if len(amounts) == 1 else [])[-1:] or answering[-1:]
    if not chosen or chosen[0] is numbers[-1]:
        return None
    united = _NUMBER_AND_UNIT.fullmatch(chosen[0][0])
    return trimmed(sentence, chosen[0].start(), chosen[0].end() - bool(united))


def _is_amount(sentence: str, number: re.Match[str]) -> bool:
    before = sentence[number.start() - 1 : number.start()]
    return before in _CURRENCIES or _CURRENCY_AFTER.match(sentence, number.end()) is not None


def formula_at(text: str, start: int, limit: int) -> Span | None:
    """The inside of a formula whose opening delimiter stands at `start`."""
    for opener, closer in _FORMULA_STARTS:
        if not text.startswith(opener, start):
            continue
        end = text.find(closer, start + len(opener), limit)
        if end > 0 and not (opener == "$" and _is_currency(text, start, end)):
            return trimmed(text, start + len(opener), end)
    return None


def _is_currency(text: str, start: int, end: int) -> bool:
    """Two dollar signs that mark amounts: prose between them, or a digit right after the second."""
    return _prose_words(text[start + 1 : end]) > _MAX_PROSE_WORDS or text[end + 1 : end + 2].isdigit()


def _prose_words(inner: str) -> int:
    if "\\" in inner:
        inner = _MACRO.sub(" ", inner)
    return len(_LONG_WORD.findall(inner))


def is_prose(word: str) -> bool:
    core = word.strip("*_.,;:!?()'\"")
    return _PROSE.fullmatch(word) is not None and core not in _CONNECTIVES


def _run(text: str, start: int, limit: int) -> Span | None:
    """The words from `start` up to the first prose word; None if the first is prose, or none holds mathematics."""
    end = start
    for match in _WORD.finditer(text, start, limit):
        if is_prose(match[0]):
            break
        end = match.end()
    while end > start and (last := _DANGLING.search(text[start:end])):
        if _ALTERNATIVE.match(text, start + last.end() if last.end() else start, limit):
            return trimmed(text, start, limit)
        end = start + last.start()
    return trimmed(text, start, end)


def short_text(text: str, start: int, end: int) -> Span | None:
    """The words up to the end of the sentence, if they are few: an answer such as `Monday`."""
    while start < end and text[start] in _TRIM_LEFT + "\"'“\n":
        start += 1
    stop = _SENTENCE_END.search(text, start, end)
    span = trimmed(text, start, stop.start() if stop else end)
    return span if span and len(text[slice(*span)].split()) <= _MAX_TEXT_WORDS else None


def lone_mathematics(text: str) -> Span | None:
    """The whole text, or its last line, if it is nothing but mathematics; of an arithmetic chain its last side."""
    span = trimmed(text, 0, len(text))
    if span is None:
        return None
    newline = text.rfind("\n", span[0], span[1])
    start = span[0] if newline < 0 or text.startswith(("$$", "\\["), span[0]) else newline + 1
    if span[1] - start > _MAX_WHOLE:
        return None
    formula = formula_at(text, start, span[1])
    if formula is not None and text[formula[1] : span[1]].strip(" $\\)]") == "":
        return formula
    return span_of_line(text, start, span[1])


def span_of_line(text: str, start: int, end: int) -> Span | None:
    if any(is_prose(match[0]) for match in _WORD.finditer(text, start, end)):
        return None
    if not _MEANINGFUL.search(text, start, end):
        return None
    if _OTHER_SCRIPT.search(text, start, end):
        return None
    return trimmed(text, start, end)


def last_formula(text: str) -> Span | None:
    """The inside of the last formula that is in no remark, unless a number follows it in prose."""
    for _ in range(_MAX_REMARKS):
        span = _formula_before(text)
        remark = _REMARK.search(text, max(0, span[0] - 60), span[0]) if span is not None else None
        if span is None or remark is None:
            break
        text = text[: remark.start()]
    if span is None or remark is not None:
        return None
    rest = text[span[1] : span[1] + MAX_ANSWER]
    return None if _NUMBER_START.search(rest) else span


def _formula_before(text: str) -> Span | None:
    candidates = [_last_dollars(text), _last_between(text, "\\(", "\\)"), _last_between(text, "\\[", "\\]")]
    spans = [span for span in candidates if span is not None]
    return max(spans, default=None)


def _last_between(text: str, opener: str, closer: str) -> Span | None:
    end = text.rfind(closer)
    start = text.rfind(opener, 0, end) if end >= 0 else -1
    return trimmed(text, start + len(opener), end) if start >= 0 else None


def _last_dollars(text: str) -> Span | None:
    end = _dollar_before(text, len(text))
    start = _dollar_before(text, end) if end > 0 else -1
    if start >= 0 and start == end - 1:
        end, start = start, _dollar_before(text, start)
    if start < 0 or _is_currency(text, start, end):
        return None
    return trimmed(text, start + 1, end)


def _dollar_before(text: str, end: int) -> int:
    position = text.rfind("$", 0, end)
    while position > 0 and text[position - 1] == "\\":
        position = text.rfind("$", 0, position)
    return position


def last_number(text: str) -> Span | None:
    """The last number, with the whole expression that it is part of: a number is never picked out of one."""
    start, end = max(0, len(text) - _MAX_SEARCHED), len(text)
    while end > start:
        line = max(text.rfind("\n", start, end), start)
        found = _last_number_in(text, line, end)
        if found is not None:
            return found
        end = line
    return None


def _last_number_in(text: str, start: int, end: int) -> Span | None:
    """The last number of a line (no expression goes on in another); what follows the line may still be looked at."""
    if _DIGIT.search(text, start, end) is None:
        return None
    last = None
    for match in _EXPRESSION.finditer(text, start, end + _LOOKED_AHEAD):
        if match.start() < end and _DIGIT.search(match[0]):
            last = match
    if last is None:
        return None
    united = _NUMBER_AND_UNIT.fullmatch(last[0])
    return trimmed(text, last.start(), last.end() - bool(united))
