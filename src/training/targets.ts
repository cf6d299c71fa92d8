/** Which linear layers an adapter changes, and with which rank: PEFT's rules for names. */
import { UserError } from "../core/index.ts";
import {
  type AdapterLayout,
  adapterLayout,
  type LinearSpec,
  loraScale,
  type ModelDefinition,
  moduleInFiles,
  type OwnRank,
} from "../models/index.ts";
import { fullMatches, suffixMatches } from "./python-pattern.ts";

/** What PEFT's config says of the modules that an adapter changes. */
export interface LoraTargets {
  /** Suffixes of module paths; a text is a regular expression for whole paths, or `all-linear`; null: all. */
  readonly targets: readonly string[] | string | null;
  /** These layers only; null: all. */
  readonly layers?: readonly number[] | null;
  /** Suffix or regular expression of a module's path → its rank. */
  readonly rankPattern?: Readonly<Record<string, number>>;
  readonly alphaPattern?: Readonly<Record<string, number>>;
}

export interface LoraShape extends LoraTargets {
  readonly rank: number;
  readonly alpha: number;
  readonly rslora?: boolean;
  readonly dora?: boolean;
}

/** The linear layers that `targets` names, in the order of a forward pass. */
export function targetLinears(definition: ModelDefinition, { targets, layers }: LoraTargets): readonly LinearSpec[] {
  const wanted = named(definition, targets);
  const chosen = definition.linears.filter(
    ({ module, layer }) => wanted.has(module) && (!layers || layers.includes(layer)),
  );
  if (chosen.length > 0) return chosen;
  throw new UserError("train.targetModules", {
    expected: "names of linear layers of the model",
    got: `${JSON.stringify(targets)}${layers ? ` in layers ${layers.join(", ")}` : ""}, which match none`,
    fix: `name some of ${[...new Set(definition.linears.map(({ module }) => lastPart(module)))].join(", ")}`,
  });
}

function named(definition: ModelDefinition, targets: LoraTargets["targets"]): ReadonlySet<string> {
  const modules = definition.linears.map(({ module }) => module);
  if (targets === null || targets === "all-linear") return new Set(modules);
  const spelt = new Map(modules.map((module) => [moduleInFiles(module, definition), module]));
  const found =
    typeof targets === "string"
      ? fullMatches(targets, [...spelt.keys()], "train.targetModules")
      : [...spelt.keys()].filter((name) => targets.some((target) => name === target || name.endsWith(`.${target}`)));
  return new Set(found.map((name) => spelt.get(name) ?? name));
}

const lastPart = (module: string) => module.split(".").at(-1) ?? module;

/** Ranks and alphas that patterns give to modules; the first pattern that fits counts, as in PEFT. */
export function ownRanks(
  definition: ModelDefinition,
  shape: LoraShape,
  subject: string,
): (module: string) => OwnRank | null {
  const { rank, alpha, rslora = false, rankPattern = {}, alphaPattern = {} } = shape;
  const ranks = lookUp(definition, rankPattern, subject);
  const alphas = lookUp(definition, alphaPattern, subject);
  return (module) => {
    if (!ranks.has(module) && !alphas.has(module)) return null;
    const own = { rank: ranks.get(module) ?? rank, alpha: alphas.get(module) ?? alpha };
    return { ...own, scale: loraScale(own.rank, own.alpha, rslora) };
  };
}

function lookUp(
  definition: ModelDefinition,
  patterns: Readonly<Record<string, number>>,
  subject: string,
): ReadonlyMap<string, number> {
  const spelt = new Map(definition.linears.map(({ module }) => [moduleInFiles(module, definition), module]));
  const found = new Map<string, number>();
  for (const [pattern, value] of Object.entries(patterns)) {
    for (const name of suffixMatches(pattern, [...spelt.keys()], subject)) {
      const module = spelt.get(name) ?? name;
      if (!found.has(module)) found.set(module, value);
    }
  }
  return found;
}

/** The layout that a training of `shape` takes; its scale is that of its rank, the largest of all modules'. */
export function layoutOf(definition: ModelDefinition, shape: LoraShape): AdapterLayout {
  const { rank, alpha, rslora = false } = shape;
  const linears = targetLinears(definition, shape);
  const patterns = ownRanks(definition, shape, "train.rankPattern");
  const rankOf = (module: string) => patterns(module) ?? { rank, alpha, scale: loraScale(rank, alpha, rslora) };
  const largest = Math.max(...linears.map(({ module }) => rankOf(module).rank));
  const own = (module: string) => {
    const found = rankOf(module);
    return found.rank === largest && found.alpha === alpha ? null : found;
  };
  const scale = loraScale(largest, alpha, rslora);
  return adapterLayout(linears, largest, { magnitudes: shape.dora ?? false, own: { of: own, scale } });
}
