import { must } from "../core/index.ts";
import type { TapeEntry, Tensor } from "./graph.ts";
import { Add, recomputedAfter } from "./ops/index.ts";

/**
 * Reverse-mode derivatives: walks the tape backwards from `loss` and emits the backward pass into the same graph.
 *
 * 1. Mark what depends on `wrt` (forwards), so that nothing is computed for frozen weights.
 * 2. From the loss back, ask each marked entry for its inputs' gradients; sum where a value is used twice.
 *
 * @param loss scalar, shape `[]` or `[1]`; `seed` has its shape and is usually a constant 1.
 * @returns one gradient per tensor of `wrt`, of its shape. Throws where the loss does not depend on one, or depends on it through
 *   an op that has no derivative.
 */
export function gradients(loss: Tensor, seed: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const { graph } = loss;
  const found = pulledBack([...graph.tape], loss, seed, wrt);
  return wrt.map((tensor, i) => must(found[i], `a path from the loss to ${tensor.name}`));
}

/**
 * `build(x)`, of which nothing is kept for the backward pass but `x`: there it is built again (Chen et al. 2016, arXiv
 * 1604.06174), behind the gradient of its output, so that the two are not merged.
 *
 * @param trained what else the output may depend on and has a gradient, asked once `build` has run.
 */
export function recomputedInBackward(
  x: Tensor,
  trained: () => readonly Tensor[],
  build: (x: Tensor) => Tensor,
): Tensor {
  const { graph } = x;
  const output = graph.untaped(() => build(x));
  const leaves = trained();
  const backward = (g: Tensor) => {
    const again = recomputedAfter(x, g);
    const { made, tape } = graph.tapedApart(() => build(again));
    return pulledBack(tape, made, g, [again, ...leaves]);
  };
  graph.record({
    inputs: [x, ...leaves],
    outputs: [output],
    backward: ([g]) => (g ? backward(g) : [x, ...leaves].map(() => null)),
  });
  return output;
}

/** The gradients of `wrt` by the steps of `entries`, from `seed`, the gradient of `from`; null: `from` does not depend on it. */
function pulledBack(
  entries: readonly TapeEntry[],
  from: Tensor,
  seed: Tensor,
  wrt: readonly Tensor[],
): (Tensor | null)[] {
  const needed = dependents(entries, wrt);
  if (!needed.has(from)) throw new Error("the loss does not depend on any of the asked tensors");
  const gradient = new Map<Tensor, Tensor>([[from, seed]]);
  from.graph.untaped(() => {
    for (const entry of entries.toReversed()) pullBack(entry, needed, gradient);
  });
  return wrt.map((tensor) => gradient.get(tensor) ?? null);
}

function dependents(entries: readonly TapeEntry[], wrt: readonly Tensor[]): Set<Tensor> {
  const needed = new Set(wrt);
  for (const { inputs, outputs } of entries) {
    if (inputs.some((input) => needed.has(input))) for (const output of outputs) needed.add(output);
  }
  return needed;
}

function pullBack(entry: TapeEntry, needed: ReadonlySet<Tensor>, gradient: Map<Tensor, Tensor>): void {
  if (!entry.outputs.some((output) => gradient.has(output) && needed.has(output))) return;
  if (!entry.backward) {
    throw new Error(`${entry.outputs[0]?.name}: no derivative, but the loss depends on the asked tensors through it`);
  }
  const found = entry.backward(entry.outputs.map((output) => gradient.get(output) ?? null));
  for (const [i, input] of entry.inputs.entries()) {
    const part = found[i];
    if (!part || !needed.has(input)) continue;
    const sum = gradient.get(input);
    gradient.set(input, sum ? Add(sum, part) : part);
  }
}
