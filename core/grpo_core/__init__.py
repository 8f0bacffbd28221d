"""The engine of grpo-dash and everything that both of its screens need; no UI library in it."""
