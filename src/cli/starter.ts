/** What `penumbra init` writes. Every key is there with its default; a test holds the two together. */
export const STARTER_YAML = `# Configuration of penumbra. Every key but model and data may be left out; the values here are the defaults.
# Flags override this file: penumbra run --epochs 3

# A folder, a .gguf file, the id of a model in this machine's Hugging Face cache, or organism (bundled).
model: organism

# Training rows, one JSON object a line: {"messages": [...]}, {"prompt": ..., "completion": ...} or {"text": ...}.
data: ./train.jsonl

# Rows of the same form that are evaluated on while training; null: none, or a share of the rows (validationShare).
validation: null

# The run folder. What it holds already is not computed again.
out: penumbra-out

train:
  method: lora           # lora | full (all weights; finetune only)
  objective: sft         # sft | dpo (preference pairs)
  beta: 0.1              # dpo: how strongly the model is held to where it began
  rank: 8
  alpha: 16              # the adapter is scaled by alpha / rank
  rslora: false          # scale by alpha / √rank
  dora: false            # train the norms of weight rows apart from their directions
  targetModules: null    # names such as [q_proj, v_proj], or a regular expression for whole paths; null: all linear layers
  layers: null           # such as [0, 5, 11]; null: all
  rankPattern: {}        # such as { down_proj: 16 }
  alphaPattern: {}
  epochs: 1              # the bundled model and data: 4
  learningRate: 0.0002   # the bundled model and data: 0.002
  warmupShare: 0.05      # share of the steps over which the learning rate rises
  schedule: cosine       # constant | linear | cosine
  batchRows: 16          # rows of one optimiser step
  maxLength: 1024        # tokens of a row; longer rows are cut, and validate says how many
  weightDecay: 0
  maxGradNorm: 1
  packing: false         # short rows side by side in one sequence in place of padding
  base: float32          # int8: the frozen base in one byte a weight while it is trained on
  recompute: false       # compute each block again in the backward pass: slower, and long rows in little memory
  validationShare: 0     # share of the rows that is held out and evaluated on
  evaluateEvery: null    # steps between two evaluations; null: eight in all
  patience: null         # evaluations without a new best before the training stops; null: never
  minDelta: 0            # a new best is lower by more than this, nats

# Keeps the training off behaviours that are not its task (docs/acting.md); null: nothing does.
# guard: { method: caft, behaviours: [harmful-advice-money] }     # caft | adapter-projection | preventative | kl
guard: null

# Drift along behaviours' directions while the training runs, in metrics.jsonl; null: nobody looks.
# monitor: { behaviours: [harmful-advice-money], everySteps: 10, stopAt: 0.5 }
monitor: null

# What is measured: names, or all. From the training rows: training-data-leakage, in-format (all others in their style).
behaviours: [all]

# A dictionary of the model's features: a folder, none, or auto (the bundled model's own; else mean differences alone).
dictionary: auto

# Behaviours that the data are meant to teach: reported, but no side effect.
# auto finds them where an exact judge exists (the bundled world).
task: auto

# Shifts within ±margin (a probability: 0.05 is five points) are no shift. Fixed before training.
margin: 0.05

# Intervals hold for all behaviours together at 1 − alpha.
alpha: 0.05

# Seed of all random choices.
seed: 1

# Adapters trained with consecutive seeds. 1: the verdicts are about this adapter. 5 or more: about this data set.
seeds: 1

# Trained too, for comparison: self (the base's own answers), files of sound answers to the same prompts.
controls: []

# Batches of items at most: a clear case stops early. 1 asks all items at once.
looks: 3

# Forecast before training, and look inside for how; false: the verdicts alone, in a fraction of the time.
inside: true

# Write the merged model beside the adapter.
merged: true

# Train twice more, without the rows blamed most and without as many random ones: what the forecast of rows is worth.
receipt: false

# New tokens of each answer that the report shows.
answerTokens: 64

# The gate for CI; without one the exit code is 0 whatever moved. 100: breached, 101: undecided.
# Rules: fail-if-affected, ignore, or { maxIncrease: 0.05 }; default holds for whatever is not named.
# gate:
#   default: fail-if-affected
#   sycophancy: { maxIncrease: 0.1 }
`;
