"""Activation capture of transformers: a forward pass that keeps all hidden states and the logits, no gradients."""

import torch

import shape


def main() -> None:
    parser = shape.parser(__doc__)
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    options = parser.parse_args()
    shape.begin(options)
    model = shape.build(options, options.attention).eval()
    ids = shape.draw_ids(options, model.config.vocab_size)

    @torch.inference_mode()
    def step() -> None:
        out = model(input_ids=ids, output_hidden_states=True, use_cache=False)
        assert len(out.hidden_states) == model.config.num_hidden_layers + 1
        assert out.logits.shape == (options.batch, options.seq, model.config.vocab_size)

    shape.report(options, "transformers-capture", shape.timed(step, options.steps), attention=options.attention)


if __name__ == "__main__":
    main()
