"""The trainer that Unsloth writes for a GPU, generated and run on a CPU: what our code takes for granted of it.

`make test-unsloth` runs these in an environment and a process of their own, since Unsloth changes torch, transformers
and TRL for good. Its kernels are not exercised: models keep transformers' own modules.
"""
