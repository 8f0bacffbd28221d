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
        "‐": "-", "‑": "-", "﹘": "-", "•": "*", "⩽": "<=", "⩾": ">=", "≦": "<=", "≧": ">=", "＜": "<", "＞": ">",
        "\u200b": "", "\ufeff": "", "\u2060": "", "∛": "\\sqrt[3]", "∜": "\\sqrt[4]", "∴": " ", "⇒": " ", "∠": " ",
        "ℤ": "\\setZ ", "ℕ": "\\setN ", "ℚ": "\\setQ ", "ℂ": "\\setC ", "⅕": "\\frac15 ", "⅖": "\\frac25 ",
        "⅗": "\\frac35 ", "⅘": "\\frac45 ", "⅙": "\\frac16 ", "⅚": "\\frac56 ", "⅜": "\\frac38 ", "⅝": "\\frac58 ",
        "⅞": "\\frac78 ", "λ": "\\lambda ", "μ": "\\mu ", "φ": "\\phi ", "ω": "\\omega ", "γ": "\\gamma ",
        "÷": "/", "∕": "/", "⁄": "/", "π": "\\pi ", "≤": "<=", "≥": ">=",
        "≠": "!=", "∪": "\\cup ", "∈": "\\in ", "°": "^\\circ ", "≈": "\\approx ", "±": "\\pm ",
        "½": "\\frac12 ", "¼": "\\frac14 ", "¾": "\\frac34 ", "（": "(", "）": ")", "，": ",", "：": ":",
        "＝": "=", "＋": "+", "％": "%", "￥": "", "¥": "", "£": "", "\u00a0": " ", "\u202f": " ",
        "“": " ", "”": " ", "„": " ", "«": " ", "»": " ", '"': " ", "∅": "\\emptyset ", "ℝ": "\\reals ",
        "∩": "\\cap ", "⟨": "(", "⟩": ")", "…": "\\ldots ", "~": " ", "⌊": "\\lfloor ",
        "⌋": "\\rfloor ", "⌈": "\\lceil ", "⌉": "\\rceil ", "⅓": "\\frac13 ", "⅔": "\\frac23 ",
        "⅛": "\\frac18 ", "′": "'", "’": "'", "→": "\\to ", "≡": "\\equiv ",
        "∞": "\\infty ",
        "θ": "\\theta ", "α": "\\alpha ", "β": "\\beta ", "`": " ",
    }
)  # fmt: skip
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙₓ"
_LEVEL = str.maketrans(_RAISED + _LOWERED, 2 * "0123456789+-()nx")
_RAISED_RUN, _LOWERED_RUN = re.compile(f"[{_RAISED}]+"), re.compile(f"[{_LOWERED}]+")
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
_FRACTIONS = re.compile(r"\\(?:[dtc]|nice|s|flat)frac(?![A-Za-z])")
_SYNONYMS = {
    "\\dbinom": "\\binom", "\\tbinom": "\\binom", "\\degree": "^\\circ ", "\\surd": "\\sqrt", "\\Pr": "P", "\\&": ",",
    "\\textdollar": " ", "\\pounds": " ", "\\euro": " ", "\\yen": " ", "\\mathbb{P}": "P", "\\mathbb P": "P",
}  # fmt: skip
_SYNONYM = re.compile(rf"(?:{'|'.join(re.escape(name) for name in _SYNONYMS)})(?![A-Za-z])")
_ROOT_OF = re.compile(r"\\root\s?\{?\s?(\w{1,3})\s?\}?\s?\\of\s?")
_MEASURE = re.compile(r"(?<![A-Za-z])m\s?(?=\\angle)")
_BEFORE_LINE_END = re.compile(r"[.,;]\s*(?=\\end(?![A-Za-z])|\\\\)")
_COLON = re.compile(r"\{\s?:\s?\}")
_WHOLE_INFIX = re.compile(r"([^{}\\]{1,60})\\over(?![A-Za-z])([^{}\\]{1,60})")
_ROOT_SIGN = re.compile(r"√\s?(\d+(?:\.\d+)?)|√")
_DOUBLE_ESCAPE = re.compile(r"\\\\(?=[A-Za-z])")
_SLOPE = re.compile(r"\\frac\s?\{\s?d\s?([A-Za-z])\s?\}\s?\{\s?d\s?([A-Za-z])\s?\}|\bd([a-z])\s?/\s?d([a-z])\b")
_DERIVATIVE = re.compile(r"\\frac\s?\{\s?d\s?\}\s?\{\s?d\s?([A-Za-z])\s?\}|\bd\s?/\s?d\s?([A-Za-z])(?![A-Za-z])")
_LETTER_STYLE = re.compile(r"\\(?:mathrm|mathbf|mathit|mathcal|bm|vec|hat|boldsymbol)\s?\{\s?([A-Za-z])\s?\}")
_LINE_STYLE = re.compile(r"\\(?:overline|overrightarrow|widehat|overleftrightarrow)\s?\{\s?([A-Z]{1,3})\s?\}")
_REALS = re.compile(r"\\(?:mathbb|mathbf|Bbb)\s?\{?\s?R\s?\}?|\\R(?![A-Za-z])")
_NUMBER_SETS = re.compile(r"\\(?:mathbb|Bbb)\s?\{?\s?([A-Z])\s?\}?")
_DOTTED_ENDS = re.compile(r"\\dot\s?\{?(\d)\}?(\d{0,38})\\dot\s?\{?(\d)\}?")
_REPEATING = re.compile(
    r"(\d*)\.(\d*)(?:\\(?:overline|bar|dot|overset\{\.\})\s?(?:\{(\d{1,40})\}|(\d))|\((\d{1,40})\)(?!\d))"
)
_REPEATED = re.compile(r"(?<![\d.])(\d*)\.(\d*?)(\d{1,6}?)\3+\s?(?:\.\.\.|\\l?dots)(?!\s?[,\d])")
_INFIX = re.compile(r"\{([^{}]{1,60})\\(over|choose)(?![A-Za-z])([^{}]{1,60})\}")
_COMBINATIONS = re.compile(r"(?:\{\s?\})?[_^]\s?\{?\s?(\w{1,4})\s?\}?\s?C\s?_\s?\{?\s?(\w{1,4})\s?\}?(?!\w)")
_ORDINAL = re.compile(
    r"(?<=\d)(?:\s?\^\s?\{\s?\\(?:text|mathrm|textrm)\s?\{\s?(?:st|nd|rd|th)\s?\}\s?\}"
    r"|\s?\^?\s?\\(?:text|mathrm|textrm)\s?\{\s?(?:st|nd|rd|th)\s?\}|\s?\^\s?\{\s?(?:st|nd|rd|th)\s?\}|(?:st|nd|rd|th)\b)"
)
_RESTATED = re.compile(r"(?<=\d)\s*\([a-z][a-z -]{2,30}\)\s*\Z")
_UNIT_FRACTION = re.compile(r"\\frac\s?\{\s?\\text\s?\{([^{}\d]*)\}\s?\}\s?\{\s?\\text\s?\{([^{}\d]*)\}\s?\}")
_MODULUS = re.compile(
    r"\(\s?(?:\\text\s?\{\s?mod\s?\}|\\b?mod\b|\bmod\b)([^()]{1,40})\)|\\[pb]?mod\s?\{([^{}]{1,40})\}"
    r"|(?:\\[pb]?mod(?![A-Za-z])|\\text\s?\{\s?mod\s?\}|(?<=\s)mod\b)"
)
_TIMES = re.compile(r"(?<=\d)\s?x\s?(?=\d)")
_DOLLARS = re.compile(r"(\\?\$|€|USD|EUR)\s?([-+]?\s?[\d,.]*\d)(?:\\?\$)?")
_CHOOSE = re.compile(r"(?<![\w.\\])(\d{1,3})\s?C\s?(\d{1,3})(?!\w)|(?<![\w\\])C_\{?(\d{1,3})\}?\^\{?(\d{1,3})\}?(?!\w)")
_UNION = re.compile(r"(?<=[)\]}])\s*[Uu]\s*(?=[(\[{\\])")
_RATIO_IN_WORDS = re.compile(r"(\d[\d.]*)((?:\s?(?:\\text\s?\{\s?to\s?\}|to)\s?\d[\d.]*){1,3})")
_TO = re.compile(r"\s?(?:\\text\s?\{\s?to\s?\}|to)\s?")
_AND_A_HALF = re.compile(
    r"(?<![\d.])(\d+)\s?(?:\\text\s?\{\s?and (?:a|one)[ -]half\b([^{}]*)\}|and (?:a|one)[ -]half\b)"
)
_NEGATIVE = re.compile(
    r"(?i)(?:\\text\s?\{\s?(?:negative|minus)\s?\}|(?<![^\s(\[{,])(?:negative|minus)\s)\s?(?=[\d\\.∞]|infinity)"
)
_SAID_INFINITY = re.compile(
    r"(?i)\\text\s?\{\s?(negative |positive |minus |plus |[-+])?infinity\s?\}|(?<![A-Za-z\\])positive infinity\b"
)
_EXCEPT = re.compile(
    r"(?i)(?:\\text\s?\{)?\s?(?:x\s)?(?:all|any|every) (?:real numbers?|reals?|real values?)(?: of)?(?: x)?"
    r",? except(?: for)?\s?\}?\s?"
    r"(?:x\s?=\s?)?([^{}a-zA-Z]{1,40})"
)
_INTEGER_INDEX = re.compile(
    r"(?:,|;|\(|\\text\s?\{\s?,?\s?(?:for|where|with)(?: any| all| some)?(?: integers?)?\s?\}"
    r"|\b(?:for|where|with)\b)[\s,(]{0,6}"
    r"(?:[a-z]\s?\\in\s?\\setZ|[a-z]\s?(?:\\text\s?\{\s?)?is any? integer\s?\}?|(?:any |all )?integers? [a-z])"
    r"\s?\)?\s*\Z"
)
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
        text = _RAISED_RUN.sub(lambda run: f"^{{{run[0].translate(_LEVEL)}}}", text)
        text = _LOWERED_RUN.sub(lambda run: f"_{{{run[0].translate(_LEVEL)}}}", text)
        text = text.translate(_CHARACTERS)
        if "√" in text:
            text = _ROOT_SIGN.sub(lambda match: f"\\sqrt{{{match[1]}}}" if match[1] else "\\sqrt ", text)
    if "," in text and ("{" in text or "\\!" in text):
        text = _THOUSANDS_MARK.sub("", text)
    if ":" in text:
        text = _COLON.sub(":", text)
    text = _plain_spellings(text)
    if "\\" in text:
        text = _normalise_latex(text)
    if "d" in text:
        text = _SLOPE.sub(lambda match: f"D_{{{match[1] or match[3]}{match[2] or match[4]}}} ", text)
        text = _DERIVATIVE.sub(lambda match: f"\\diff{{{match[1] or match[2]}}}", text)
    if "." in text and ("(" in text or "\\" in text):
        text = _REPEATING.sub(lambda match: _fraction(match[1], match[2], match[3] or match[4] or match[5]), text)
    text = text.replace("$", " ").replace("**", "^").replace("==", "=")
    return _trim(text)


def _plain_spellings(text: str) -> str:
    if ("$" in text or "€" in text or "SD" in text) and (amount := _DOLLARS.fullmatch(text.strip())) is not None:
        text = amount[2] + (" euros" if amount[1] in {"€", "EUR"} else " dollars")
    text = text.replace("€", " ")
    if "..." in text or "dots" in text:
        text = _ELLIPSIS.sub("\\\\ldots ", _REPEATED.sub(_repeated, text))
    if "x" in text:
        text = _TIMES.sub("*", text)
    if "C" in text:
        text = _CHOOSE.sub(_combination, _COMBINATIONS.sub(r"\\binom{\1}{\2}", text))
    if "mod" in text:
        text = _MODULUS.sub(lambda match: f"\\mod {match[1] or match[2] or ''} ", text)
    if "t" in text or "d" in text or "u" in text:
        text = _in_words(_ORDINAL.sub("", text))
    if "U" in text or "u" in text:
        text = _UNION.sub(r"\\cup ", text)
    return _RESTATED.sub("", text) if ")" in text else text


def _in_words(text: str) -> str:
    """What is said in words and has a sign: `negative 7`, `2 and a half`, `3 to 4`, `infinity`."""
    if "to" in text and _RATIO_IN_WORDS.fullmatch(text.strip()) is not None:
        text = _TO.sub(":", text)
    if "inf" in text.lower():
        text = _SAID_INFINITY.sub(_infinity, text)
    if "half" in text:
        text = _AND_A_HALF.sub(r"\1\\frac12 \\text{\2} ", text)
    if "except" in text:
        text = _EXCEPT.sub(r"\\reals \\setminus \\{\1\\}", text)
    return _NEGATIVE.sub("-", text)


def _infinity(match: re.Match[str]) -> str:
    return ("-" if (match[1] or "").strip().lower() in {"negative", "minus", "-"} else "") + "\\infty "


def _combination(match: re.Match[str]) -> str:
    """`7C3` and `C_7^3`; of the two numbers of the latter the larger is chosen from."""
    of, taken = (match[1], match[2]) if match[1] else sorted((match[3], match[4]), key=int, reverse=True)
    return f"\\binom{{{of}}}{{{taken}}}"


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
        text = _DOTTED_ENDS.sub(r"\\overline{\1\2\3}", text)
    if "\\angle" in text:
        text = _MEASURE.sub("", text)
    if "\\end" in text:
        text = _BEFORE_LINE_END.sub("", text)
    if "\\over" in text or "\\choose" in text:
        text = _INFIX.sub(_prefixed, text)
        if (infix := _WHOLE_INFIX.fullmatch(text)) is not None:
            text = f"\\frac{{{infix[1]}}}{{{infix[2]}}}"
    text = _SYNONYM.sub(lambda match: _SYNONYMS[match[0]], text)
    if "\\root" in text:
        text = _ROOT_OF.sub(r"\\sqrt[\1]", text)
    if "R" in text:
        text = _REALS.sub(r"\\reals ", text)
    if "\\mathbb" in text or "\\Bbb" in text:
        text = _NUMBER_SETS.sub(r"\\set\1 ", text)
    text = _STYLES.sub(" ", text)
    text = _FRACTIONS.sub(r"\\frac", text)
    text = _LINE_STYLE.sub(r"\1", _LETTER_STYLE.sub(r"\1", text))
    text = _DELIMITERS.sub(" ", text)
    text = _SPACES.sub(" ", text)
    if "\\setZ" in text or "integer" in text:
        text = _INTEGER_INDEX.sub("", text)
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
