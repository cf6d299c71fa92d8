"""Training steps of BatchTopK, Matryoshka and JumpReLU autoencoders by SAELens' own classes, on a file of float32 activations; f32, CPU.

Adam and gradient clipping as SAELens' trainer has them, without its logging. Prints one line of JSON.
"""

import argparse
import json
import statistics
import time

import numpy as np
import torch
from sae_lens.saes.batchtopk_sae import BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig
from sae_lens.saes.jumprelu_sae import JumpReLUTrainingSAE, JumpReLUTrainingSAEConfig
from sae_lens.saes.matryoshka_batchtopk_sae import (
    MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig,
)
from sae_lens.saes.sae import TrainStepInput

parser = argparse.ArgumentParser()
parser.add_argument("name", choices=["batchtopk", "matryoshka_batchtopk", "jumprelu"])
for option in ["file"]:
    parser.add_argument(f"--{option}", required=True)
for option in ["width", "latents", "k", "batch", "steps", "threads"]:
    parser.add_argument(f"--{option}", type=int, required=True)
parser.add_argument("--rate", type=float, required=True)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(1)
sizes = {"d_in": options.width, "d_sae": options.latents}
if options.name == "batchtopk":
    sae = BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**sizes, k=options.k))
elif options.name == "matryoshka_batchtopk":
    # The shares of our recipe's prefixes.
    widths = [options.latents // part for part in (16, 8, 4, 2, 1)]
    sae = MatryoshkaBatchTopKTrainingSAE(
        MatryoshkaBatchTopKTrainingSAEConfig(**sizes, k=options.k, matryoshka_widths=widths)
    )
else:
    config = JumpReLUTrainingSAEConfig(**sizes, jumprelu_sparsity_loss_mode="quadratic", target_l0=options.k)
    sae = JumpReLUTrainingSAE(config)
adam = torch.optim.Adam(sae.parameters(), lr=options.rate)
rows = torch.from_numpy(np.fromfile(options.file, dtype=np.float32).reshape(-1, options.width))
seconds, unexplained, l0 = [], 0.0, 0.0
for step in range(options.steps):
    x = rows[step * options.batch : (step + 1) * options.batch]
    start = time.perf_counter()
    given = TrainStepInput(x, {"l0": 1.0, "pre_act": 0.0}, None, step, False)
    out = sae.training_forward_pass(given)
    adam.zero_grad()
    out.loss.backward()
    torch.nn.utils.clip_grad_norm_(sae.parameters(), 1.0)
    adam.step()
    seconds.append(time.perf_counter() - start)
    missed = (x - out.sae_out).pow(2).sum() / (x - x.mean(0)).pow(2).sum()
    unexplained = float(missed.detach())
    l0 = float((out.feature_acts > 0).sum(-1).float().mean())
print(json.dumps({"seconds": seconds, "medianSeconds": statistics.median(seconds), "unexplained": unexplained, "l0": l0}))
