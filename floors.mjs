/**
 * The floors of the house, lowest first: `[folder of src, what stands there]`.
 * A floor imports only from floors below it, through their `index.ts`; two floors of one group are siblings
 * and never meet. The linter's rules, docs/ARCHITECTURE.md and the line counts are all made from this list.
 */
export const floors = [
  [["core", "user errors, seeded random numbers, shape checks, pick from a named table"]],
  [["records", "zod schemas of every JSON artifact"]],
  [["store", "content hashes, atomic writes, stages that are never computed twice, locks"]],
  [["data", "safetensors, GGUF, tokenizers, chat templates, data sets, pulling from the hub"]],
  [["tensor", "symbolic tensors, ops with derivatives, ONNX writer; no native code"]],
  [["models", "model families, hook points, the Adapter type"]],
  [["engine", "ONNX Runtime in a child process, taps, KV cache, generation, likelihoods"]],
  [["training", "losses, optimisers, LoRA, schedules, checkpoints"]],
  [["dictionaries", "sparse autoencoders: encode, train, read and write, quality"]],
  [["geometry", "cosine structure, subspaces, nulls; pure mathematics"]],
  [["organism", "the bundled world: its grammar, its documents, its exact parser"]],
  [["behaviours", "one file per behaviour; the battery that runs them"]],
  [["audit", "measured shift, intervals, verdicts, drift"]],
  [["report", "records to one self-contained HTML file, Markdown, JUnit"]],
  [["jobs", "the pipeline: validate, fine-tune, audit, report, as resumable stages"]],
  [["cli", "commands"]],
];
