"""Greedy generation of transformers on PyTorch, f32, CPU: the prompts' rows together, so many new tokens, no stop.

Tries both attentions (sdpa, eager), each in its own process so that peaks do not mix, and prints the faster one.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

VARIANTS = ["sdpa", "eager"]


def run(options: argparse.Namespace) -> None:
    import torch
    import transformers

    torch.set_num_threads(options.threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation=options.variant
    ).eval()
    ids = torch.tensor(json.loads(options.prompts.read_text())[: options.rows])

    @torch.inference_mode()
    def generate(count: int) -> list[list[int]]:
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=count,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        return out[:, ids.shape[1] :].tolist()

    generate(4)
    seconds, answers = [], []
    for _ in range(options.repeats):
        start = time.perf_counter()
        answers = generate(options.tokens)
        seconds.append(time.perf_counter() - start)
    if any(len(row) != options.tokens for row in answers):
        raise RuntimeError("a row stopped early")
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    report = {"seconds": seconds, "peakRssBytes": peak, "answers": answers}
    print(json.dumps({**report, "variant": options.variant, "versions": versions}))


def best(options: argparse.Namespace) -> None:
    found = []
    for variant in VARIANTS:
        command = [sys.executable, __file__, "--variant", variant]
        for key in ("model", "prompts", "rows", "tokens", "threads", "repeats"):
            command += [f"--{key}", str(getattr(options, key))]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        found.append(json.loads(out.splitlines()[-1]))
    print(json.dumps(min(found, key=lambda each: statistics.median(each["seconds"]))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--prompts", type=Path, required=True, help="JSON: rows of token ids of one length")
    for key in ("rows", "tokens", "threads", "repeats"):
        parser.add_argument(f"--{key}", type=int, required=True)
    parser.add_argument("--variant", choices=VARIANTS, help="run this one alone")
    options = parser.parse_args()
    run(options) if options.variant else best(options)


if __name__ == "__main__":
    main()
