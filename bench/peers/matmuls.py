"""The matrix products of one LoRA step alone, by torch in f32: the floor under any implementation's time.

    n = batch * seq tokens, d = width, f = MLP width, v = vocabulary, r = rank, L = layers

forward     x W^T of every projection and of the unembedding
backward    dy W of every projection, of the unembedding, but for q, k, v of layer 0: their input is frozen
            (nothing for W itself: it is frozen; no recompute)
LoRA        forward  x A^T, (x A^T) B^T
            backward dB = dy^T (x A^T), dy B, dA = (dy B)^T x, and (dy B) A for the input but for layer 0's q, k, v
attention   forward  q k^T and p v per head; backward dp = dz v^T, dv = p^T dz, dq = ds k, dk = ds^T q

Causal halves are not skipped, as implementations that materialise scores do not. Each product reads operands of its own
among a few and writes into a buffer that exists, so that neither allocation nor a warm cache is measured.
"""

import math
from collections.abc import Callable

import torch
from peft import LoraConfig, get_peft_model
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaForCausalLM

import shape

RANK, COPIES = 8, 4
Product = tuple[str, tuple[int, ...], tuple[int, ...], int]  # name, shape of a, shape of b, count


def linears(config) -> dict[str, tuple[int, int]]:
    """Projection -> (in, out)."""
    d, f = config.hidden_size, config.intermediate_size
    q = config.num_attention_heads * config.head_dim
    kv = config.num_key_value_heads * config.head_dim
    return {"q": (d, q), "k": (d, kv), "v": (d, kv), "o": (q, d), "gate": (d, f), "up": (d, f), "down": (f, d)}


def linear_products(config, n: int) -> list[Product]:
    out: list[Product] = []
    layers = config.num_hidden_layers
    for name, (i, o) in linears(config).items():
        deep = layers - 1 if name in "qkv" else layers
        out += [
            (f"{name} forward", (n, i), (i, o), layers),
            (f"{name} backward", (n, o), (o, i), deep),
            (f"{name} lora x A", (n, i), (i, RANK), layers),
            (f"{name} lora (xA) B", (n, RANK), (RANK, o), layers),
            (f"{name} lora dB", (o, n), (n, RANK), layers),
            (f"{name} lora dy B", (n, o), (o, RANK), layers),
            (f"{name} lora dA", (RANK, n), (n, i), layers),
            (f"{name} lora dx", (n, RANK), (RANK, i), deep),
        ]
    d, v = config.hidden_size, config.vocab_size
    return out + [("unembed forward", (n, d), (d, v), 1), ("unembed backward", (n, v), (v, d), 1)]


def attention_products(config, batch: int, seq: int) -> list[Product]:
    layers, heads, h = config.num_hidden_layers, batch * config.num_attention_heads, config.head_dim
    wide, tall, square = (heads, seq, h), (heads, h, seq), (heads, seq, seq)
    return [
        ("attention q k", wide, tall, layers),
        ("attention p v", square, wide, layers),
        ("attention dp", wide, tall, layers),
        ("attention dv", square, wide, layers),
        ("attention dq", square, wide, layers),
        ("attention dk", square, wide, layers),
    ]


def flops(product: Product) -> int:
    _, a, b, count = product
    return 2 * math.prod(a) * b[-1] * count


def draw(dims: tuple[int, ...], transposed: bool) -> torch.Tensor:
    return torch.randn((*dims[:-2], dims[-1], dims[-2])).transpose(-1, -2) if transposed else torch.randn(dims)


def prepare(product: Product) -> Callable[[], None]:
    """Runs all of a product's occurrences. Weights are stored `out in`, so their transposes are views, as in the step."""
    name, a, b, count = product
    transposed = "forward" in name or name.endswith((" x A", "(xA) B", "q k", "attention dp"))
    copies = min(COPIES, count)
    left = [draw(a, name.endswith((" dB", " dA", "dv", "dk"))) for _ in range(copies)]
    right = [draw(b, transposed) for _ in range(copies)]
    out = torch.empty((*a[:-1], b[-1]))
    multiply = torch.mm if len(a) == 2 else torch.bmm

    def run() -> None:
        for index in range(count):
            multiply(left[index % copies], right[index % copies], out=out)

    return run


def seconds_of_part(options, products: list[Product]) -> list[float]:
    runs = [prepare(product) for product in products]
    return shape.timed(lambda: [run() for run in runs], options.steps)


def check(options, products: list[Product]) -> None:
    """The list against PyTorch's own count of a LoRA step of PEFT with eager attention; nothing is computed."""
    with torch.device("meta"):
        config = shape.build_config(options)
        config._attn_implementation = "eager"
        lora = LoraConfig(r=RANK, target_modules=[f"{name}_proj" for name in linears(config)], task_type="CAUSAL_LM")
        model = get_peft_model(LlamaForCausalLM(config), lora)
        ids = torch.zeros((options.batch, options.seq), dtype=torch.long)
        mask = torch.zeros(options.batch, 1, options.seq, options.seq)
        with FlopCounterMode(display=False) as counter:
            model(input_ids=ids, attention_mask=mask, labels=ids, use_cache=False).loss.backward()
    ours, theirs = sum(map(flops, products)), counter.get_total_flops()
    if ours != theirs:
        raise SystemExit(f"the list has {ours} operations, the step {theirs}")
    print(f"the list has the step's {ours} operations")


def main() -> None:
    parser = shape.parser(__doc__)
    parser.add_argument("--list", action="store_true", help="add every product's shapes, count and share of the work")
    parser.add_argument("--check", action="store_true", help="compare the list with PyTorch's count, measure nothing")
    options = parser.parse_args()
    shape.begin(options)
    config = shape.build_config(options)
    products = linear_products(config, options.batch * options.seq)
    products += attention_products(config, options.batch, options.seq)
    if options.check:
        check(options, products)
        return
    with torch.inference_mode():
        seconds = seconds_of_part(options, products)
    total = sum(map(flops, products))
    middle = sorted(seconds)[len(seconds) // 2]
    more = {"gflop": total / 1e9, "gflopPerSecond": total / 1e9 / middle, "rank": RANK}
    if options.list:
        more["products"] = [{"name": p[0], "a": p[1], "b": p[2], "count": p[3], "gflop": flops(p) / 1e9} for p in products]
    shape.report(options, "matmuls", seconds, **more)


if __name__ == "__main__":
    main()
