"""Make one spelling of the many ways to write the same mathematics, before the tokens are cut.

Text in, text out, each rule linear in the text; nothing here decides what an answer means.
"""

from __future__ import annotations

import re

_CHARACTERS = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "﹣": "-", "－": "-", "×": "*", "·": "*", "∙": "*", "⋅": "*", "∗": "*",
        "÷": "/", "∕": "/", "⁄": "/", "π": "\\pi ", "√": "\\sqrt ", "∞": "\\infty ", "≤": "<=", "≥": ">=",
        "≠": "!=", "∪": "\\cup ", "∈": "\\in ", "°": "^\\circ ", "≈": "\\approx ", "±": "\\pm ", "²": "^2",
        "³": "^3", "½": "\\frac12 ", "¼": "\\frac14 ", "¾": "\\frac34 ", "（": "(", "）": ")", "，": ",", "：": ":",
        "＝": "=", "＋": "+", "％": "%", "￥": "", "¥": "", "€": "", "£": "", "\u00a0": " ", "\u202f": " ",
        "θ": "\\theta ", "α": "\\alpha ", "β": "\\beta ", "`": " ",
    }
)  # fmt: skip

_THOUSANDS_MARK = re.compile(r"(?<=\d)\s?\{\s?,\s?\}\s?(?=\d)|(?<=\d),\s?\\!\s?(?=\d)")
_SIZES = re.compile(r"\\(?:left|right|middle|[bB]ig[gG]?[lrm]?)(?![A-Za-z])\.?")
_STYLES = re.compile(
    r"\\(?:displaystyle|textstyle|limits|nolimits|phantom\{\}|hspace\{[^{}]{0,20}\}|boxed|fbox|bf|rm)(?![A-Za-z])"
)
_SPACES = re.compile(r"(?<!\\)\\(?:[,;:! ]|q?quad)|~")
_DELIMITERS = re.compile(r"(?<!\\)\\[()\[\]$]|\$")
_FRACTIONS = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_DOUBLE_ESCAPE = re.compile(r"\\\\(?=[A-Za-z])")
_DERIVATIVE = re.compile(r"\\frac\s?\{\s?d\s?\}\s?\{\s?d\s?([A-Za-z])\s?\}|\bd\s?/\s?d\s?([A-Za-z])(?![A-Za-z])")
_LETTER_STYLE = re.compile(r"\\(?:mathrm|mathbf|mathit|mathbb|mathcal|bm|vec|overline)\s?\{\s?([A-Za-z])\s?\}")


def normalise(text: str) -> str:
    """One spelling: ASCII operators, no sizes, spacing or delimiters, `\\frac` for its variants, `^` for `**`."""
    text = text.translate(_CHARACTERS)
    text = _THOUSANDS_MARK.sub("", text)
    if "\\" in text:
        text = _normalise_latex(text)
    if "d" in text:
        text = _DERIVATIVE.sub(lambda match: f"\\diff{{{match[1] or match[2]}}}", text)
    text = text.replace("$", " ").replace("**", "^").replace("==", "=")
    return _trim(text)


def _normalise_latex(text: str) -> str:
    if "\\begin" not in text:
        text = _DOUBLE_ESCAPE.sub(r"\\", text)
    text = _SIZES.sub("", text)
    text = _STYLES.sub(" ", text)
    text = _FRACTIONS.sub(r"\\frac", text)
    text = _LETTER_STYLE.sub(r"\1", text)
    text = _DELIMITERS.sub(" ", text)
    return _SPACES.sub(" ", text)


def _trim(text: str) -> str:
    """Without outer spaces, the punctuation of the sentence and a dangling backslash; `!` may be a factorial."""
    length = -1
    while length != len(text):
        length = len(text)
        text = text.strip().rstrip(".,;:。?")
        if text.endswith("\\") and not text.endswith("\\\\"):
            text = text[:-1]
    return text


def comparable(text: str) -> str:
    """What the string check compares: normalised, without spaces, text macros opened, letter case kept."""
    text = re.sub(r"\\(?:text|mbox|textbf|textit|textrm|textnormal|mathrm|operatorname)\s?\{([^{}]*)\}", r"\1", text)
    return re.sub(r"\s+", "", text)
