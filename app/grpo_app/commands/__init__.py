"""What each command of `grpo-dash` and `grpo-tui` does; `grpo_app.cli` reads the command line and picks one."""
