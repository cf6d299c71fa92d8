"""One attribution graph by circuit-tracer on CPU, of random weights and random TopK transcoders, as one JSON line.

Its default backend (TransformerLens) where that knows the family, else its other one (nnsight): Gemma 3. A small graph
first, which is not timed, so that nothing is paid for at its first use. `peakRssBytes` is that of this process, imports of
torch included; `loadedRssBytes` is what it held before the graph.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import circuit_tracer  # noqa: E402
import torch  # noqa: E402
from circuit_tracer import attribute  # noqa: E402
from circuit_tracer.transcoder.activation_functions import TopK  # noqa: E402
from circuit_tracer.transcoder.single_layer_transcoder import SingleLayerTranscoder, TranscoderSet  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402
from transformers import (  # noqa: E402
    AutoTokenizer,
    Gemma3TextConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

WARM_UP = dict(tokens=8, features=8)


def main() -> None:
    options = arguments()
    shape = json.loads(options.shape)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        model = (nnsight if shape["model_type"] == "gemma3_text" else transformer_lens)(shape, options, Path(folder))
    generator = torch.Generator().manual_seed(1)
    graph_of(model, options, generator, WARM_UP["tokens"], WARM_UP["features"])
    loaded = status_bytes("VmRSS")
    start = time.perf_counter()
    graph = graph_of(model, options, generator, options.tokens, options.features)
    seconds = time.perf_counter() - start
    report = {
        "seconds": seconds,
        "activeFeatures": len(graph.active_features),
        "features": len(graph.selected_features),
        "loadedRssBytes": loaded,
        "peakRssBytes": status_bytes("VmHWM"),
        "backend": model.backend,
        "circuitTracer": circuit_tracer.__version__,
        "torch": torch.__version__,
    }
    print(json.dumps(report), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", required=True, help="config.json of the model, as JSON")
    for name in ("tokens", "features", "latents", "k", "batch", "round", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser.parse_args()


def graph_of(model, options: argparse.Namespace, generator: torch.Generator, tokens: int, features: int):
    ids = torch.randint(3, model.cfg.d_vocab, (tokens,), generator=generator)
    ids[0] = 2
    # As many features between two rankings as ours.
    interval = max(1, options.round // options.batch)
    return attribute(ids, model, batch_size=options.batch, max_feature_nodes=features, update_interval=interval)


def transcoders(shape: dict, options: argparse.Namespace, reads: str) -> TranscoderSet:
    width = shape["hidden_size"]
    layers = {}
    for layer in range(shape["num_hidden_layers"]):
        coder = SingleLayerTranscoder(
            width, options.latents, TopK(options.k), layer, device=torch.device("cpu"), dtype=torch.float32
        )
        for rows in (coder.W_enc, coder.W_dec):
            torch.nn.init.normal_(rows, std=width**-0.5)
        layers[layer] = coder
    return TranscoderSet(layers, feature_input_hook=reads, feature_output_hook="hook_mlp_out", scan="random")


def tokenizer_in(folder: Path, vocabulary: int) -> PreTrainedTokenizerBase:
    """Words for ids, kept in the folder: both backends open a tokenizer by its name."""
    plain = Tokenizer(models.WordLevel({f"w{i}": i for i in range(vocabulary)}, unk_token="w0"))
    plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="w0", eos_token="w1", bos_token="w2")
    words.save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def transformer_lens(shape: dict, options: argparse.Namespace, folder: Path):
    from circuit_tracer.replacement_model.replacement_model_transformerlens import TransformerLensReplacementModel
    from transformer_lens import HookedTransformerConfig

    config = HookedTransformerConfig(
        n_layers=shape["num_hidden_layers"],
        d_model=shape["hidden_size"],
        n_ctx=max(2048, options.tokens),
        d_head=shape["head_dim"],
        n_heads=shape["num_attention_heads"],
        n_key_value_heads=shape["num_key_value_heads"],
        d_mlp=shape["intermediate_size"],
        d_vocab=shape["vocab_size"],
        act_fn="silu",
        normalization_type="RMS",
        positional_embedding_type="rotary",
        rotary_dim=shape["head_dim"],
        rotary_adjacent_pairs=False,
        gated_mlp=True,
        final_rms=True,
        device="cpu",
        model_name="random",
        original_architecture="LlamaForCausalLM",
    )
    coders = transcoders(shape, options, "ln2.hook_normalized")
    tokenizer = tokenizer_in(folder, shape["vocab_size"])
    return TransformerLensReplacementModel.from_config(config, coders, tokenizer=tokenizer)


def nnsight(shape: dict, options: argparse.Namespace, folder: Path):
    from circuit_tracer.replacement_model.replacement_model_nnsight import NNSightReplacementModel

    tokenizer_in(folder, shape["vocab_size"])
    config = Gemma3TextConfig(**{**shape, "architectures": ["Gemma3ForCausalLM"]})
    config.save_pretrained(folder)
    config._name_or_path = str(folder)
    return NNSightReplacementModel.from_config(config, transcoders(shape, options, "mlp.hook_in"))


def status_bytes(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:"))


if __name__ == "__main__":
    main()
