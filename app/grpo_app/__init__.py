"""The screens of grpo-dash: the command line, the web page and the terminal app."""
