"""The colours that the terminal app adds to Textual's own, and which of all can be chosen by name."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#00ffff",
    secondary="#ffb0ff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    success="#00ff5f",
    warning="#ffd700",
    error="#ff8080",
    dark=True,
    variables={"foreground-muted": "#e0e0e0", "border": "#ffffff", "footer-key-foreground": "#ffff00"},
)
OWN_THEMES = (HIGH_CONTRAST,)


def theme_names() -> tuple[str, ...]:
    """Dark, light, high contrast; `ansi-dark` and `ansi-light` use the terminal's own sixteen colours."""
    return tuple(sorted([*BUILTIN_THEMES, *(theme.name for theme in OWN_THEMES)]))
