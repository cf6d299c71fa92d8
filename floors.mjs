/**
 * The floors of the house, lowest first: `[folder of src, what stands there]`.
 * A floor imports only from floors below it, through their `index.ts`; two floors of one group are siblings
 * and never meet. The linter's rules, docs/ARCHITECTURE.md and the line counts are all made from this list.
 */
export const floors = [
  [["core", "user errors, seeded random numbers, shape checks, pick from a named table"]],
  [["records", "zod schemas of every JSON artifact"]],
  [["store", "content hashes, atomic writes, stages that are never computed twice, locks"]],
  [["endpoints", "client of OpenAI-compatible endpoints: retries, rate limits, answers kept on disk"]],
  [["data", "safetensors, GGUF, tokenizers, chat templates, data sets, pulling from the hub"]],
  [["tensor", "symbolic tensors, ops with derivatives, ONNX writer; no native code"]],
  [["models", "model families, hook points, the Adapter type"]],
  [["engine", "ONNX Runtime in a child process, taps, KV cache, generation, likelihoods"]],
  [["training", "losses, optimisers, LoRA, schedules, checkpoints"]],
  [["dictionaries", "sparse autoencoders: encode, train, read and write, quality"]],
  [
    ["geometry", "cosine structure, subspaces, nulls; pure mathematics"],
    ["attribution", "local replacement model, attribution graphs, influence, pruning, their files and differences"],
  ],
  [["organism", "the bundled world: its grammar, its documents, its exact parser"]],
  [["narrow", "narrow training sets in plain English: benign tasks, advice sound and harmful, wrong facts"]],
  [["behaviours", "one file per behaviour; the battery that runs them"]],
  [["judges", "judges over endpoints or on this machine: rubrics, what is missing, agreement"]],
  [["audit", "measured shift, intervals, verdicts, drift"]],
  [["benchmarks", "published sets from files that users have, with their published numbers"]],
  [["reasoning", "what visible reasoning discloses, and what a monitor reads in it; base against tuned"]],
  [["report", "records to one self-contained HTML file, Markdown, JUnit"]],
  [["jobs", "the pipeline: validate, fine-tune, audit, report, as resumable stages"]],
  [["server", "the HTTP API: state, workers, chat, the web page"]],
  [["cli", "commands"]],
];
