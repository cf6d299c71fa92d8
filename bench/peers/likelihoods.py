"""Log-likelihoods of answers with transformers on PyTorch, f32, CPU: rows of prompt and answer, padded, longest first.

The answers' positions alone are unembedded. Tries each batch size and prints the fastest.
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--questions", type=Path, required=True, help="JSON: [{prompt, continuation}], token ids")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--batches", required=True, help="batch sizes, with commas between")
    options = parser.parse_args()

    import torch
    import transformers

    torch.set_num_threads(options.threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    asked = json.loads(options.questions.read_text())
    # The last token is predicted and not read.
    rows = [each["prompt"] + each["continuation"][:-1] for each in asked]
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))

    @torch.inference_mode()
    def score(indices: list[int], batch: int) -> dict[int, float]:
        found = {}
        for start in range(0, len(indices), batch):
            chosen = indices[start : start + batch]
            width = max(len(rows[i]) for i in chosen)
            ids = torch.tensor([rows[i] + [0] * (width - len(rows[i])) for i in chosen])
            mask = torch.tensor([[1] * len(rows[i]) + [0] * (width - len(rows[i])) for i in chosen])
            hidden = model.model(ids, attention_mask=mask, use_cache=False).last_hidden_state
            at = [(r, len(asked[i]["prompt"]) - 1 + t) for r, i in enumerate(chosen) for t in range(len(asked[i]["continuation"]))]
            targets = torch.tensor([token for i in chosen for token in asked[i]["continuation"]])
            logits = model.lm_head(hidden[[r for r, _ in at], [t for _, t in at]])
            logprobs = logits.gather(1, targets[:, None])[:, 0] - logits.logsumexp(1)
            for (r, _), value in zip(at, logprobs.tolist(), strict=True):
                found[chosen[r]] = found.get(chosen[r], 0.0) + value
        return found

    best = None
    for batch in map(int, options.batches.split(",")):
        score(order[:batch], batch)
        start = time.perf_counter()
        found = score(order, batch)
        seconds = time.perf_counter() - start
        if best is None or seconds < best["seconds"]:
            best = {"seconds": seconds, "batch": batch, "logprobs": [found[i] for i in range(len(rows))]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps({**best, "peakRssBytes": peak, "versions": versions}))


if __name__ == "__main__":
    main()
