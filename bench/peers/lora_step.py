"""One LoRA training step of PyTorch + PEFT: forward, backward, AdamW; rank 8 on all seven projections, f32, CPU.

Runs every combination of attention (eager, sdpa) and AdamW (foreach, fused), each in its own process so that peaks do not mix,
and prints the fastest: the peer gets its best settings. `variants` holds the others' rates.
"""

import json
import subprocess
import sys

import torch
from peft import LoraConfig, get_peft_model

import shape

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
VARIANTS = [f"{attention}-{adamw}" for attention in ("sdpa", "eager") for adamw in ("fused", "foreach")]


def run(options, variant: str) -> None:
    attention, adamw = variant.split("-")
    shape.begin(options)
    config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM")
    model = get_peft_model(shape.build(options, attention), config).train()
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=2e-4, fused=adamw == "fused", foreach=adamw == "foreach")
    ids = shape.draw_ids(options, model.config.vocab_size)
    losses = []

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    seconds = shape.timed(step, options.steps)
    if not losses[-1] < losses[0]:
        raise RuntimeError(f"the loss did not fall on a repeated batch: {losses}")
    shape.report(options, "pytorch-peft", seconds, variant=variant, losses=losses)


def best(options) -> None:
    found = []
    for variant in options.variants.split(","):
        command = [sys.executable, __file__, "--variant", variant]
        for key in ("threads", "steps", "batch", "seq", "model"):
            if getattr(options, key) is not None:
                command += [f"--{key}", str(getattr(options, key))]
        found.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    top = max(found, key=lambda r: r["tokensPerSecond"])
    print(json.dumps({**top, "variants": {r["variant"]: r["tokensPerSecond"] for r in found}}))


def main() -> None:
    parser = shape.parser(__doc__)
    parser.add_argument("--variant", choices=VARIANTS, help="run this one alone")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="those to choose the fastest from")
    options = parser.parse_args()
    if options.variant:
        run(options, options.variant)
    else:
        best(options)


if __name__ == "__main__":
    main()
