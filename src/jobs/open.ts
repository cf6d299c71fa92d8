/** Opens models and behaviours by the names that users give. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Behaviour,
  organismBehaviours,
  parseBehaviourFile,
  parseModelWrittenEvals,
  realBehaviours,
} from "../behaviours/index.ts";
import { pick, UserError } from "../core/index.ts";
import { loadTokenizer, type ModelFiles, openModelFiles, type Tokenizer } from "../data/index.ts";
import { type Engine, type LanguageModel, languageModel, type ModelSource } from "../engine/index.ts";
import { type Adapter, checkpointTensors, defineModel } from "../models/index.ts";
import { worldVocabulary } from "../organism/index.ts";
import type { ModelIdentity } from "../records/index.ts";
import { cacheSubfolder } from "../store/index.ts";
import { type Config, isBehaviourFile } from "./config.ts";
import { gatedNames } from "./gate.ts";
import { IN_FORMAT, isMade, LEAKAGE, type MadeFrom, madeBehaviours } from "./made.ts";

export const BUNDLED = "organism";

/** The models that the package ships, by the names that users give; the second is the control world's. */
export const bundledModels: Readonly<Record<string, string>> = {
  [BUNDLED]: "organism/model",
  "organism-control-world": "organism/control-world",
};

/** The dictionaries that the package ships, by the same names. */
export const bundledDictionaries: Readonly<Record<string, string>> = {
  [BUNDLED]: "organism/dictionary",
  "organism-control-world": "organism/control-world-dictionary",
};

export interface OpenedModel {
  readonly files: ModelFiles;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly identity: ModelIdentity;
  /** Is it the bundled world's? Then its behaviours are scored exactly. */
  readonly bundled: boolean;
}

/** Folder of the package's own files. */
export function assetFolder(name: string): string {
  return join(import.meta.dirname, "../../assets", name);
}

export async function openModel(reference: string): Promise<OpenedModel> {
  const shipped = Object.hasOwn(bundledModels, reference) ? bundledModels[reference] : undefined;
  const path = shipped ? assetFolder(shipped) : reference;
  const files = await openModelFiles(path, { cacheDir: await cacheSubfolder("models") });
  const name = shipped ? reference : files.name;
  const definition = defineModel(files.config, name);
  const tokenizer = await loadTokenizer(files.folder);
  const parameters = definition.weights.reduce(
    (sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1),
    0,
  );
  const sha256 = await files.sourceSha256();
  return {
    files,
    source: { definition, tensors: checkpointTensors(definition, files.tensors, name), name },
    tokenizer,
    identity: { name, family: definition.family, parameters, sha256 },
    bundled: isWorldTokenizer(tokenizer),
  };
}

/** A fine-tune of the bundled model speaks its world's language too. */
function isWorldTokenizer(tokenizer: Tokenizer): boolean {
  const vocabulary = worldVocabulary();
  return tokenizer.vocabSize === vocabulary.length && tokenizer.tokenText(vocabulary.length - 1) === vocabulary.at(-1);
}

export function asLanguageModel(
  { source, tokenizer }: OpenedModel,
  engine: Engine,
  adapter: Pick<Adapter, "rank" | "magnitudes"> | null,
): LanguageModel {
  const { rank: adapterRank = null, magnitudes: adapterMagnitudes = false } = adapter ?? {};
  return languageModel({ engine, source, tokenizer, adapterRank, adapterMagnitudes });
}

/**
 * The behaviours that a model is measured on: those named or all that fit it, those of the user's own files, and, `from`
 * the rows of the training data, those that are made from them.
 */
export function behavioursFor(
  model: Pick<OpenedModel, "bundled">,
  names: readonly string[],
  from: MadeFrom | null = null,
): readonly Behaviour[] {
  const fixed = fixedBehaviours(model, names);
  return [...fixed, ...madeBehaviours(names, fixed, from)];
}

/** Those that are not made from rows: what is known of them in a base serves every data set. */
export function fixedBehaviours(
  { bundled }: Pick<OpenedModel, "bundled">,
  names: readonly string[],
): readonly Behaviour[] {
  const all = bundled ? organismBehaviours : realBehaviours;
  const byId = Object.fromEntries(all.map((behaviour) => [behaviour.id, behaviour]));
  const ids: readonly string[] = names.filter((name) => !isBehaviourFile(name) && !isMade(name));
  const behaviours = [...(ids.includes("all") ? all : ids.map((name) => pick(byId, name, "behaviour")))];
  for (const path of names.filter(isBehaviourFile)) {
    const taken = [...organismBehaviours, ...realBehaviours, ...behaviours].map(({ id }) => id);
    const parse = path.endsWith(".jsonl") ? parseModelWrittenEvals : parseBehaviourFile;
    behaviours.push(parse(textOf(path), path, taken));
  }
  return behaviours;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UserError(path, {
      expected: "a behaviour of yours in YAML, or model-written evaluations in .jsonl",
      got: "no such file",
      fix: "see docs/behaviours.md for an example",
    });
  }
}

/** Refuses names in a configuration that nothing has, and a gate on what is not measured: found before the training, not after it. */
export function checkNames(
  model: Pick<OpenedModel, "bundled">,
  { behaviours, task, gate = {} }: Pick<Config, "behaviours" | "task" | "gate">,
): void {
  const chosen = withMade(fixedBehaviours(model, behaviours), behaviours);
  const known = named([...withMade(fixedBehaviours(model, ["all"]), [...behaviours, LEAKAGE]), ...chosen]);
  for (const name of task === "auto" ? [] : task) pick(known, name, "task");
  for (const name of Object.keys(gate)) if (name !== "default") pick(known, name, "gate");
  for (const name of gatedNames(gate))
    if (!chosen.includes(name))
      throw new UserError(`gate: ${name}`, {
        expected: "a behaviour that is measured",
        got: `one that \`behaviours: [${behaviours.join(", ")}]\` leaves out`,
        fix: "add it to `behaviours`, or take it out of the gate",
      });
}

const named = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, id]));

/** Ids of behaviours and, where `names` asks for them, of those that will be made from rows. */
function withMade(fixed: readonly Behaviour[], names: readonly string[]): readonly string[] {
  const ids = fixed.map(({ id }) => id);
  const inFormat = names.includes(IN_FORMAT) ? ids.map((id) => `${id}-${IN_FORMAT}`) : [];
  return [...ids, ...inFormat, ...(names.includes(LEAKAGE) ? [LEAKAGE] : [])];
}
