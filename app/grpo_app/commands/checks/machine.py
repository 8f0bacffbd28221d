"""The machine: Python, cores, memory, GPU."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

import psutil

from grpo_app.commands.checks.check import Check

PYTHONS = ((3, 11), (3, 13))
GIB = 1024**3
ENOUGH_MEMORY = 4 * GIB
GPU_QUERY = ("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")


def check_python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    oldest, newest = PYTHONS
    if oldest <= sys.version_info[:2] <= newest:
        return Check("Python", "ok", found)
    return Check("Python", "bad", found, "Use Python 3.11, 3.12 or 3.13.")


def check_cores() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores >= 2:
        return Check("Cores", "ok", str(cores))
    return Check("Cores", "warn", str(cores), "The demo works, and takes about twice as long.")


def check_memory() -> Check:
    memory = psutil.virtual_memory()
    found = f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free"
    if memory.available >= ENOUGH_MEMORY:
        return Check("Memory", "ok", found)
    return Check("Memory", "warn", found, "Enough for the demo's model; close something before training a larger one.")


def check_gpu() -> Check:
    """By nvidia-smi: asking torch would load it."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return Check("GPU", "none", "none: the demo trains on the CPU", "A model from the hub wants an NVIDIA GPU.")
    try:
        asked = subprocess.run([program, *GPU_QUERY], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Check("GPU", "warn", f"nvidia-smi does not answer ({error})", "Check the driver: run nvidia-smi.")
    return Check("GPU", "ok", "; ".join(line.strip() for line in asked.stdout.splitlines() if line.strip()))
