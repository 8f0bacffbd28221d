"""Make one spelling of the many ways to write the same mathematics, before the tokens are cut.

Text in, text out, each rule linear in the text; nothing here decides what an answer means.
"""

from __future__ import annotations

import re
from functools import lru_cache

from grpo_core.oracle.limits import CACHED_PARSES, CACHED_TEXT

_CHARACTERS = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "﹣": "-", "－": "-", "×": "*", "·": "*", "∙": "*", "⋅": "*", "∗": "*",
        "÷": "/", "∕": "/", "⁄": "/", "π": "\\pi ", "≤": "<=", "≥": ">=",
        "≠": "!=", "∪": "\\cup ", "∈": "\\in ", "°": "^\\circ ", "≈": "\\approx ", "±": "\\pm ", "²": "^2",
        "³": "^3", "½": "\\frac12 ", "¼": "\\frac14 ", "¾": "\\frac34 ", "（": "(", "）": ")", "，": ",", "：": ":",
        "＝": "=", "＋": "+", "％": "%", "￥": "", "¥": "", "€": "", "£": "", "\u00a0": " ", "\u202f": " ",
        "“": " ", "”": " ", "„": " ", "«": " ", "»": " ", '"': " ", "∅": "\\emptyset ", "ℝ": "\\reals ",
        "∩": "\\cap ", "⟨": "(", "⟩": ")", "…": "\\ldots ", "~": " ", "⌊": "\\lfloor ",
        "⌋": "\\rfloor ", "⌈": "\\lceil ", "⌉": "\\rceil ", "⅓": "\\frac13 ", "⅔": "\\frac23 ",
        "⅛": "\\frac18 ", "′": "'", "’": "'", "⁰": "^0", "¹": "^1",
        "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8", "⁹": "^9", "→": "\\to ", "≡": "\\equiv ",
        "∞": "\\infty ",
        "θ": "\\theta ", "α": "\\alpha ", "β": "\\beta ", "`": " ",
    }
)  # fmt: skip
_ASCII_MARKS = [chr(code) for code in _CHARACTERS if code < 128]

_THOUSANDS_MARK = re.compile(r"(?<=\d)\s?\{\s?,\s?\}\s?(?=\d)|(?<=\d),\s?\\!\s?(?=\d)")
_SIZES = re.compile(r"\\(?:left|right|middle|[bB]ig[gG]?[lrm]?)(?![A-Za-z])\.?")
_STYLES = re.compile(
    r"\\(?:displaystyle|textstyle|limits|nolimits|phantom\{\}|hspace\{[^{}]{0,20}\}|boxed|fbox|framebox|bf|rm|it"
    r"|underline|color\s?\{[a-z]{1,20}\}|textcolor\s?\{[a-z]{1,20}\}|checkmark|blacksquare|square|Box|nonumber"
    r"|ensuremath|mathstrut|strut|therefore|implies|angle|triangle)(?![A-Za-z])|\\[\"']"
)
_SPACES = re.compile(r"(?<!\\)\\(?:[,;:! ]|q?quad)")
_DELIMITERS = re.compile(r"(?<!\\)\\[()\[\]$]|\$")
_FRACTIONS = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_ROOT_SIGN = re.compile(r"√\s?(\d+(?:\.\d+)?)|√")
_DOUBLE_ESCAPE = re.compile(r"\\\\(?=[A-Za-z])")
_DERIVATIVE = re.compile(r"\\frac\s?\{\s?d\s?\}\s?\{\s?d\s?([A-Za-z])\s?\}|\bd\s?/\s?d\s?([A-Za-z])(?![A-Za-z])")
_LETTER_STYLE = re.compile(r"\\(?:mathrm|mathbf|mathit|mathcal|bm|vec|hat|boldsymbol)\s?\{\s?([A-Za-z])\s?\}")
_LINE_STYLE = re.compile(r"\\(?:overline|overrightarrow|widehat|overleftrightarrow)\s?\{\s?([A-Z]{1,3})\s?\}")
_REALS = re.compile(r"\\(?:mathbb|mathbf|Bbb)\s?\{?\s?R\s?\}?|\\R(?![A-Za-z])")
_NUMBER_SETS = re.compile(r"\\(?:mathbb|Bbb)\s?\{?\s?([A-Z])\s?\}?")
_REPEATING = re.compile(r"(\d*)\.(\d*)\\(?:overline|bar|dot|overset\{\.\})\s?(?:\{(\d{1,40})\}|(\d))")
_REPEATED = re.compile(r"(?<![\d.])(\d*)\.(\d*?)(\d{1,6}?)\3{2,}\s?(?:\.\.\.|\\l?dots)(?!\s?[,\d])")
_INFIX = re.compile(r"\{([^{}]{1,60})\\(over|choose)(?![A-Za-z])([^{}]{1,60})\}")
_COMBINATIONS = re.compile(r"(?:\{\s?\})?[_^]\s?\{?\s?(\w{1,4})\s?\}?\s?C\s?_\s?\{?\s?(\w{1,4})\s?\}?(?!\w)")
_ORDINAL = re.compile(
    r"(?<=\d)(?:\s?\^\s?\{\s?\\(?:text|mathrm|textrm)\s?\{\s?(?:st|nd|rd|th)\s?\}\s?\}"
    r"|\s?\^?\s?\\(?:text|mathrm|textrm)\s?\{\s?(?:st|nd|rd|th)\s?\}|\s?\^\s?\{\s?(?:st|nd|rd|th)\s?\}|(?:st|nd|rd|th)\b)"
)
_RESTATED = re.compile(r"(?<=\d)\s*\([a-z][a-z -]{2,30}\)\s*\Z")
_UNIT_FRACTION = re.compile(r"\\frac\s?\{\s?\\text\s?\{([^{}\d]*)\}\s?\}\s?\{\s?\\text\s?\{([^{}\d]*)\}\s?\}")
_MODULUS = re.compile(r"\(\s?(?:\\b?mod|\bmod)\b([^()]{1,40})\)|\\p?mod\s?\{([^{}]{1,40})\}|(?:\\p?mod|(?<=\s)mod)\b")
_POWER_OF_TEN = re.compile(r"(?<=\d)\s?x\s?(?=10\s?\^)")
_DOLLARS = re.compile(r"\\?\$\s?([-+]?\s?[\d,.]*\d)(?:\\?\$)?")
_TEXT_MACRO = re.compile(r"\\(?:text|mbox|textbf|textit|textrm|textnormal|mathrm|operatorname)\s?\{([^{}]*)\}")
_SPACE_IN_NUMERAL = re.compile(r"(?<=\d)\s+(?=\d)")
_SPACE = re.compile(r"\s+")
_ELLIPSIS = re.compile(r"(?<=[,\s])\.\.\.(?=\s?,)|(?<=[+*]) ?\.\.\. ?(?=[+*])")


def normalise(text: str) -> str:
    """One spelling: ASCII operators, no sizes, spacing or delimiters, `\\frac` for its variants, `^` for `**`.

    Most rules are asked for only where a text has what each of their matches must have: a search costs more."""
    return _normalise_cached(text) if len(text) <= CACHED_TEXT else _normalise(text)


@lru_cache(maxsize=CACHED_PARSES)
def _normalise_cached(text: str) -> str:
    return _normalise(text)


def _normalise(text: str) -> str:
    if not text.isascii() or any(mark in text for mark in _ASCII_MARKS):
        text = text.translate(_CHARACTERS)
        if "√" in text:
            text = _ROOT_SIGN.sub(lambda match: f"\\sqrt{{{match[1]}}}" if match[1] else "\\sqrt ", text)
    if "," in text and ("{" in text or "\\!" in text):
        text = _THOUSANDS_MARK.sub("", text)
    text = _plain_spellings(text)
    if "\\" in text:
        text = _normalise_latex(text)
    if "d" in text:
        text = _DERIVATIVE.sub(lambda match: f"\\diff{{{match[1] or match[2]}}}", text)
    text = text.replace("$", " ").replace("**", "^").replace("==", "=")
    return _trim(text)


def _plain_spellings(text: str) -> str:
    if "$" in text and text.count("$") == 1 and (amount := _DOLLARS.fullmatch(text.strip())) is not None:
        text = amount[1] + " dollars"
    if "..." in text or "dots" in text:
        text = _ELLIPSIS.sub("\\\\ldots ", _REPEATED.sub(_repeated, text))
    if "10" in text and "x" in text:
        text = _POWER_OF_TEN.sub("*", text)
    if "C" in text and "_" in text:
        text = _COMBINATIONS.sub(r"\\binom{\1}{\2}", text)
    if "mod" in text:
        text = _MODULUS.sub(lambda match: f"\\mod {match[1] or match[2] or ''} ", text)
    if "t" in text or "d" in text:
        text = _ORDINAL.sub("", text)
    return _RESTATED.sub("", text) if ")" in text else text


def _repeated(match: re.Match[str]) -> str:
    """`0.333...` as the fraction that it goes on to."""
    return _fraction(match[1], match[2], match[3])


def _fraction(whole: str, fixed: str, period: str) -> str:
    """A repeating decimal: `0.1\\overline{6}` is (16 - 1)/90."""
    value = int(whole + fixed + period) - int((whole + fixed) or "0")
    return f"\\frac{{{value}}}{{{'9' * len(period)}{'0' * len(fixed)}}}"


def _normalise_latex(text: str) -> str:
    if "\\\\" in text and "\\begin" not in text:
        text = _DOUBLE_ESCAPE.sub(r"\\", text)
    text = _SIZES.sub("", text)
    if "." in text:
        text = _REPEATING.sub(lambda match: _fraction(match[1], match[2], match[3] or match[4]), text)
    if "\\over" in text or "\\choose" in text:
        text = _INFIX.sub(_prefixed, text)
    if "R" in text:
        text = _REALS.sub(r"\\reals ", text)
    if "\\mathbb" in text or "\\Bbb" in text:
        text = _NUMBER_SETS.sub(r"\\set\1 ", text)
    text = _STYLES.sub(" ", text)
    text = _FRACTIONS.sub(r"\\frac", text)
    text = _LINE_STYLE.sub(r"\1", _LETTER_STYLE.sub(r"\1", text))
    text = _DELIMITERS.sub(" ", text)
    text = _SPACES.sub(" ", text)
    return _UNIT_FRACTION.sub(r"\\text{\1 per \2}", text) if "\\text" in text else text


def _prefixed(match: re.Match[str]) -> str:
    """`{a \\over b}` as `\\frac{a}{b}`, `{n \\choose k}` as `\\binom{n}{k}`."""
    command = "frac" if match[2] == "over" else "binom"
    return f"{{\\{command}{{{match[1]}}}{{{match[3]}}}}}"


def _trim(text: str) -> str:
    """Without outer spaces, the punctuation of the sentence and a dangling backslash; `!` may be a factorial."""
    length = -1
    while length != len(text):
        length = len(text)
        text = text.strip().rstrip(".,;:。?")
        if len(text) > 2 and text[0] == text[-1] == "'":
            text = text[1:-1]
        if text.endswith("\\") and not text.endswith("\\\\"):
            text = text[:-1]
    return text


def comparable(text: str) -> str:
    """What the string check compares: normalised, without spaces, text macros opened, letter case kept."""
    if "\\" in text:
        text = _TEXT_MACRO.sub(r"\1", text)
    return _SPACE.sub("", _SPACE_IN_NUMERAL.sub("_", text)) if not text.isalnum() else text
