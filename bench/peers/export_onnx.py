"""A checkpoint folder as the folder that transformers.js reads: onnxruntime-genai's model builder, f32, CPU.

    python export_onnx.py CHECKPOINT TARGET

Its graph has the runtime's fused attention; it is the form in which such models are published for transformers.js.
"""

import json
import shutil
import sys
from pathlib import Path


def main() -> None:
    source, target = map(Path, sys.argv[1:3])
    from onnxruntime_genai.models.builder import create_model

    built = target.with_name(f"{target.name}.building")
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir(parents=True)
    create_model(
        model_name=None,
        input_path=str(source),
        output_dir=str(built / "onnx"),
        precision="fp32",
        execution_provider="cpu",
        cache_dir=str(built / "cache"),
    )
    shutil.rmtree(built / "cache", ignore_errors=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(source / name, built / name)
    config = json.loads((source / "config.json").read_text())
    data = sorted(file.name for file in (built / "onnx").glob("model.onnx*data"))
    if data == ["model.onnx.data"]:
        (built / "onnx/model.onnx.data").rename(built / "onnx/model.onnx_data")
    config["transformers.js_config"] = {"use_external_data_format": True, "kv_cache_dtype": "float32"}
    (built / "config.json").write_text(json.dumps(config))
    built.rename(target)


if __name__ == "__main__":
    main()
