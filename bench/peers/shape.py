"""The model, the options and the line of output that the peers share.

The shape is SmolLM2-135M: 30 layers, width 576, 9 heads on 3 key-value heads of 64, MLP 1536, vocabulary 49152, tied.
Weights are random unless --model names a checkpoint folder; speed does not depend on them.
"""

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedConfig  # noqa: E402

WARMUP = 2
SHAPE = {
    "vocab_size": 49152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "head_dim": 64,
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5,
    "rope_theta": 100000.0,
    "tie_word_embeddings": True,
}


def parser(description: str | None) -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    out.add_argument("--threads", type=int, default=2)
    out.add_argument("--steps", type=int, default=5, help="measured steps, after two of warm-up; the median counts")
    out.add_argument("--batch", type=int, default=4)
    out.add_argument("--seq", type=int, default=128)
    out.add_argument("--model", type=Path, help="checkpoint folder; without it random weights of SmolLM2-135M's shape")
    return out


def begin(options: argparse.Namespace) -> None:
    """Threads and seed, and the load before any work of ours: a figure taken beside other work is none."""
    options.load = os.getloadavg()[0]
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)


def build_config(options: argparse.Namespace) -> PreTrainedConfig:
    return LlamaConfig(**SHAPE) if options.model is None else AutoConfig.from_pretrained(options.model)


def build(options: argparse.Namespace, attention: str) -> torch.nn.Module:
    if options.model is None:
        return LlamaForCausalLM(LlamaConfig(**SHAPE, attn_implementation=attention)).float()
    return AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32, attn_implementation=attention)


def draw_ids(options: argparse.Namespace, vocab: int) -> torch.Tensor:
    return torch.randint(0, vocab, (options.batch, options.seq), generator=torch.Generator().manual_seed(1))


def timed(step: Callable[[], object], steps: int) -> list[float]:
    """Seconds of each measured step."""
    seconds = []
    for index in range(WARMUP + steps):
        start = time.perf_counter()
        step()
        if index >= WARMUP:
            seconds.append(time.perf_counter() - start)
    return seconds


def report(options: argparse.Namespace, name: str, seconds: list[float], **more: object) -> None:
    """One JSON line. `peakRssBytes` is that of this process, imports of torch included."""
    median = statistics.median(seconds)
    out = {
        "name": name,
        "tokensPerSecond": options.batch * options.seq / median,
        "secondsPerStep": median,
        "seconds": seconds,
        "peakRssBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "threads": options.threads,
        "steps": len(seconds),
        "batch": options.batch,
        "seq": options.seq,
        "loadAverageBefore": options.load,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    print(json.dumps({**out, **more}), flush=True)
