"""A checkpoint folder as the folder that transformers.js reads: onnxruntime-genai's model builder, f32, CPU.

    python export_onnx.py CHECKPOINT TARGET

Its graph has the runtime's fused attention; it is the form in which such models are published for transformers.js.
"""

import json
import shutil
import sys
from pathlib import Path


def named(source: Path, target: Path) -> Path:
    """The checkpoint in a folder whose config names its class, as the builder wants it."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).symlink_to(file.resolve())
    config = json.loads((source / "config.json").read_text())
    config.setdefault("architectures", [MODEL_FOR_CAUSAL_LM_MAPPING_NAMES[config["model_type"]]])
    (target / "config.json").unlink()
    (target / "config.json").write_text(json.dumps(config))
    return target


def flatten_ropes() -> None:
    """The builder reads Gemma 3's two thetas where transformers 4 had them; transformers 5 keeps them by kind of layer."""
    from onnxruntime_genai.models import builder

    make = builder.Gemma3Model.__init__

    def flattened(self, config, *rest):
        by_kind = config.rope_parameters
        if "full_attention" in by_kind:
            config.rope_theta = by_kind["full_attention"]["rope_theta"]
            config.rope_local_base_freq = by_kind["sliding_attention"]["rope_theta"]
            config.rope_parameters = {"rope_type": "default", "rope_theta": config.rope_theta}
        make(self, config, *rest)

    builder.Gemma3Model.__init__ = flattened


def main() -> None:
    source, target = map(Path, sys.argv[1:3])
    from onnxruntime_genai.models.builder import create_model, parse_extra_options

    flatten_ropes()

    built = target.with_name(f"{target.name}.building")
    shutil.rmtree(built, ignore_errors=True)
    checkpoint = named(source, built / "checkpoint")
    where = (None, str(checkpoint), str(built / "onnx"), "fp32", "cpu", str(built / "cache"))
    create_model(*where, **parse_extra_options(*where, []))
    shutil.rmtree(built / "cache", ignore_errors=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(source / name, built / name)
    config = json.loads((checkpoint / "config.json").read_text())
    shutil.rmtree(checkpoint)
    (built / "onnx/model.onnx.data").rename(built / "onnx/model.onnx_data")
    head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    settle(built / "onnx/model.onnx", head)
    config["transformers.js_config"] = {"use_external_data_format": True, "kv_cache_dtype": "float32"}
    (built / "config.json").write_text(json.dumps(config))
    built.rename(target)


def settle(model: Path, head: int) -> None:
    """
    transformers.js has its own name for the file of weights, takes a cache of unknown width for one of width 0, and grows its
    cache as it goes, where a layer with a window may want the window's whole width from the start.
    """
    import onnx

    graph = onnx.load(str(model), load_external_data=False)
    for tensor in graph.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "model.onnx_data"
    for value in (*graph.graph.input, *graph.graph.output):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param == "kv_cache_dim":
                dim.dim_value = head
    for node in graph.graph.node:
        for attribute in node.attribute:
            if attribute.name == "sliding_window_cache":
                attribute.i = 0
    model.write_bytes(graph.SerializeToString())


if __name__ == "__main__":
    main()
