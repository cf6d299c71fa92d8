"""Training steps of a TopK autoencoder by the peers' own trainers, on a file of float32 activations; f32, CPU.

Names: saelens (dense activations, its default), saelens-sparse (use_sparse_activations; with torch 2.13 its backward pass
fails on a CPU), dictionary_learning, matmul (the encoder's matrix product alone: the machine's speed at it). Prints one line of JSON.

Packages that these import and a training step never calls (logging, data sets, plots) may be missing: they are replaced
by empty modules. Install with `pip install --no-deps sae-lens dictionary-learning "transformer-lens<4" einops jaxtyping
wadler-lindig beartype typeguard simple-parsing docstring-parser` beside torch, numpy, transformers and safetensors.
"""

import argparse
import importlib.abc
import importlib.machinery
import json
import os
import resource
import statistics
import sys
import time
from unittest.mock import MagicMock

import numpy as np
import torch
import transformers  # noqa: F401  (before the empty modules, which it must not find)

UNUSED = "wandb datasets plotly plotly_express babe nltk tenacity nnsight fancy_einsum better_abc accelerate pandas rich dotenv"


class Empty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands behind all other finders: a package that is installed is used."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] not in UNUSED.split():
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(Empty())


def saelens(options, sparse: bool):
    from sae_lens.config import SAETrainerConfig
    from sae_lens.saes.topk_sae import TopKTrainingSAE, TopKTrainingSAEConfig
    from sae_lens.training.sae_trainer import SAETrainer

    config = TopKTrainingSAEConfig(
        d_in=options.width, d_sae=options.latents, k=options.k, use_sparse_activations=sparse, device="cpu"
    )
    sae = TopKTrainingSAE(config)
    samples = options.steps * options.batch
    trainer = SAETrainer(
        SAETrainerConfig(
            total_training_samples=samples,
            train_batch_size_samples=options.batch,
            lr=options.rate,
            lr_end=options.rate / 10,
            lr_warm_up_steps=options.warmup,
            lr_decay_steps=options.decay,
        ),
        sae,
        iter(()),
    )

    def step(x):
        trainer.step(x)
        trainer.n_training_steps += 1

    return step, lambda x: sae.decode(sae.encode(x)), sae


def dictionary_learning(options):
    from dictionary_learning.trainers.top_k import TopKTrainer

    trainer = TopKTrainer(
        steps=options.steps,
        activation_dim=options.width,
        dict_size=options.latents,
        k=options.k,
        layer=0,
        lm_name="none",
        lr=options.rate,
        warmup_steps=options.warmup,
        decay_start=options.steps - options.decay,
        threshold_start_step=options.steps + 1,
        seed=0,
        device="cpu",
    )
    count = iter(range(options.steps))
    return lambda x: trainer.update(next(count), x), trainer.ae, trainer.ae


def matmul(options):
    weight = torch.randn(options.latents, options.width)
    return lambda x: x @ weight.T, None, None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--data", required=True, help="[tokens, width] float32; the last --test rows are held out")
    for name, default in (("width", 576), ("latents", 8192), ("k", 32), ("batch", 1024), ("steps", 20), ("test", 2048)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    options.warmup = max(1, round(0.05 * options.steps))
    options.decay = round(0.2 * options.steps)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    data = np.memmap(options.data, dtype=np.float32, mode="r").reshape(-1, options.width)
    makers = {
        "saelens": lambda: saelens(options, sparse=False),
        "saelens-sparse": lambda: saelens(options, sparse=True),
        "dictionary_learning": lambda: dictionary_learning(options),
        "matmul": lambda: matmul(options),
    }
    step, rebuild, _ = makers[options.name]()
    load = os.getloadavg()[0]
    seconds, processor = [], []
    for i in range(options.steps):
        x = torch.from_numpy(np.array(data[i * options.batch : (i + 1) * options.batch]))
        start, busy = time.perf_counter(), time.process_time()
        step(x)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result = {
        "name": options.name,
        "secondsPerStep": statistics.median(seconds[2:]),
        "cpuSecondsPerStep": statistics.median(processor[2:]),
        "peakRssBytes": peak,
        "load": load,
        "rate": options.rate,
    }
    if rebuild is not None:
        with torch.no_grad():
            test = torch.from_numpy(np.array(data[-options.test :]))
            missed = (test - rebuild(test)).pow(2).sum()
            result["explainedVariance"] = float(1 - missed / (test - test.mean(0)).pow(2).sum())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
