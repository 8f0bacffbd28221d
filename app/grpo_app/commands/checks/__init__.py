"""The checks of `grpo-dash doctor`, each a function that looks at one thing."""

from grpo_app.commands.checks.check import Check

__all__ = ["Check"]
