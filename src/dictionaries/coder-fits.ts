/** Does a dictionary belong to a model? Its places must be there and be as wide as it thinks; its name is no proof. */
import { elementCount, UserError } from "../core/index.ts";
import { type HookName, hookShape, type ModelDefinition } from "../models/index.ts";
import { coderWords, readsPair, type SparseCoder } from "./coders/sparse-coder.ts";

/** A `UserError` that says what would fit, where the coder does not. */
export function checkCoderFits(coder: SparseCoder<unknown>, definition: ModelDefinition, subject: string): void {
  const refuse = (expected: string) =>
    new UserError(subject, {
      expected,
      got: coderWords(coder),
      fix: "use a dictionary that was trained on this model",
    });
  for (const { hooks, dIn } of coder.groups) {
    const widths = hooks.map((hook) => widthAt(hook, definition));
    const missing = hooks.findIndex((_, i) => widths[i] === null);
    if (missing >= 0) throw refuse(placesThatFit(hooks[missing] as HookName, definition));
    const width = widths.reduce<number>((sum, each) => sum + (each ?? 0), 0);
    if (width !== dIn) throw refuse(`${width} numbers read at ${hooks.join(", ")}`);
  }
  for (const { hook, dOut } of coder.outputs) {
    const width = widthAt(hook, definition);
    if (width === null) throw refuse(placesThatFit(hook, definition));
    if (width !== dOut) throw refuse(`${width} numbers written at ${hook}`);
  }
}

/** The same of one that reads and writes one place, called `words`. */
export function checkPlaceFits(
  { hook, width, words }: { readonly hook: HookName; readonly width: number; readonly words: string },
  definition: ModelDefinition,
  subject: string,
): void {
  const there = widthAt(hook, definition);
  if (there === width) return;
  throw new UserError(subject, {
    expected: there === null ? placesThatFit(hook, definition) : `${there} numbers read at ${hook}`,
    got: words,
    fix: "use a dictionary that was trained on this model",
  });
}

/** Refuses a crosscoder of two models where one model alone is read. */
export function checkOneModel(coder: SparseCoder<unknown>, subject: string): void {
  if (!readsPair(coder)) return;
  throw new UserError(subject, {
    expected: "a dictionary of one model",
    got: "a crosscoder of two",
    fix: "read it with `penumbra dictionary compare`",
  });
}

/** Null where the model has no such hook point, or none of a fixed width. */
function widthAt(hook: HookName, { hooks, dimensions }: ModelDefinition): number | null {
  const shape = hooks.includes(hook) ? hookShape(hook, dimensions) : null;
  return shape && elementCount(shape);
}

function placesThatFit(hook: HookName, { hooks, dimensions }: ModelDefinition): string {
  const place = hook.replace(/^blocks\.\d+\./, "");
  const same = hooks.filter((each) => each.endsWith(`.${place}`));
  const known = same.length > 0 ? same : hooks.filter((each) => each.endsWith("hook_resid_post"));
  return `one of this model's ${dimensions.nLayers} layers (${known[0]} … ${known.at(-1)}, width ${dimensions.dModel})`;
}
