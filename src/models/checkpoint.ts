/** Between the names that a definition gives its tensors and those that checkpoints and adapters in files have. */
import { UserError } from "../core/index.ts";
import type { TensorLocation, TensorStore } from "../data/index.ts";
import type { CheckpointNames, ModelDefinition } from "./definition.ts";

/**
 * A checkpoint's tensors under the definition's names; what plays no part keeps its own. Missing and unknown tensors
 * are the user's mistake.
 */
export function checkpointTensors(definition: ModelDefinition, stored: TensorStore, model: string): TensorStore {
  const found = new Map<string, TensorLocation>();
  const used = new Set<string>();
  for (const { name } of definition.weights) {
    const spelt = namesInFiles(name, definition.names).find((each) => stored.has(each));
    const location = spelt === undefined ? undefined : stored.get(spelt);
    if (spelt === undefined || location === undefined) throw wrong(model, `tensor ${name}`, "nothing");
    found.set(name, location);
    used.add(spelt);
  }
  for (const [name, location] of stored) {
    if (used.has(name)) continue;
    if (!definition.names.ignored.some((pattern) => pattern.test(name)))
      throw wrong(model, "tensors that its config.json knows", name);
    found.set(name, location);
  }
  return found;
}

function wrong(model: string, expected: string, got: string): UserError {
  return new UserError(`checkpoint ${model}`, {
    expected,
    got,
    fix: "use a complete checkpoint that fits its config.json",
  });
}

/** How files may spell `name`, the likeliest first. */
function namesInFiles(name: string, { prefixes }: CheckpointNames): string[] {
  const spelt = prefixes.flatMap(([ours, stored]) => (name.startsWith(ours) ? [stored + name.slice(ours.length)] : []));
  return spelt.length > 0 ? spelt : [name];
}

/** A module's path as transformers (and PEFT with it) writes it. */
export function moduleInFiles(module: string, { names }: ModelDefinition): string {
  return namesInFiles(module, names)[0] ?? module;
}

/** The definition's name of a tensor in files, which may be one that it does not have. */
export function tensorOfFiles(spelt: string, { names }: ModelDefinition): string {
  const found = names.prefixes.find(([, stored]) => stored !== "" && spelt.startsWith(stored));
  return found ? found[0] + spelt.slice(found[1].length) : spelt;
}

/** The definition's name of a module in files; null where it has none such. */
export function moduleOfFiles(spelt: string, { names, linears }: ModelDefinition): string | null {
  return linears.find(({ module }) => namesInFiles(module, names).includes(spelt))?.module ?? null;
}
