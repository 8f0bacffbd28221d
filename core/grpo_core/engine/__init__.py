"""The only place with torch and TRL: policy, trainer, capture, evaluation. Screens start it, never import it.

`python -m grpo_core.engine train RUN_DIR` trains a run that `runs.create_run` made.
"""
