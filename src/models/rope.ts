import { isDeepStrictEqual } from "node:util";
import { UserError } from "../core/index.ts";
import { Cast, Cos, type DType, Mul, Reshape, Sin, type Tensor } from "../tensor/index.ts";
import type { Rotation } from "./blocks.ts";
import type { ConfigReader } from "./config.ts";

/** How the base frequencies are changed for long contexts, as `rope_scaling` of a checkpoint's config says. */
export type RopeScaling =
  | { readonly kind: "none" }
  | { readonly kind: "linear"; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    };

/** θ^(−2i/dHead) for i < dHead/2, scaled. Radians per position. */
export function inverseFrequencies(dHead: number, theta: number, scaling: RopeScaling): number[] {
  return Array.from({ length: dHead / 2 }, (_, i) => scaled(theta ** ((-2 * i) / dHead), scaling));
}

function scaled(frequency: number, scaling: RopeScaling): number {
  if (scaling.kind === "none") return frequency;
  if (scaling.kind === "linear") return frequency / scaling.factor;
  const wavelength = (2 * Math.PI) / frequency;
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  if (wavelength < originalPositions / high) return frequency;
  if (wavelength > originalPositions / low) return frequency / factor;
  const smooth = (originalPositions / wavelength - low) / (high - low);
  return frequency * ((1 - smooth) / factor + smooth);
}

/** The rotation for `positions` int64 `[batch, seq]`. */
export function rotation(positions: Tensor, frequencies: readonly number[], dtype: DType): Rotation {
  const table = positions.graph.constant(dtype === "float64" ? "float64" : "float32", frequencies, [
    1,
    1,
    1,
    frequencies.length,
  ]);
  const [batch, seq] = positions.shape;
  const angles = Mul(Reshape(Cast(positions, dtype), [batch ?? 1, seq ?? 1, 1, 1]), table);
  return { cos: Cos(angles), sin: Sin(angles) };
}

/** A rotation as a config names it. */
export interface Rope {
  readonly theta: number;
  readonly scaling: RopeScaling;
}

type Table = Readonly<Record<string, unknown>>;

/** Base frequency and scaling of a model with one rotation, from a config of either age. */
export function ropeOf(config: ConfigReader, theta: number): Rope {
  const tables = ["rope_scaling", "rope_parameters"].map((key) => ({ key, value: config.raw(key) }));
  return ropeFrom(config, { tables, theta: { key: "rope_theta", usual: theta } });
}

export interface RopeSources {
  /** Where the config may say it, with the name of each place. */
  readonly tables: readonly { readonly key: string; readonly value: unknown }[];
  /** The config's own key of the base frequency, for where no table has one, and the family's usual value. */
  readonly theta: { readonly key: string; readonly usual: number };
}

/**
 * What the tables say, which must be one thing. Its base frequency may stand in a table (transformers 5, where it goes
 * before the config's own key) or beside it (4, which does not look into the table): where both have one, they must
 * agree, or the two versions would run two models.
 */
export function ropeFrom(config: ConfigReader, { tables, theta }: RopeSources): Rope {
  const { model } = config;
  const given = tables.flatMap(({ key, value }) => {
    const table = tableOf(model, key, value);
    return table ? [{ key, scaling: parseRopeScaling(table, model, key), theta: thetaIn(table, model, key) }] : [];
  });
  const own = config.raw(theta.key) === null ? null : config.positive(theta.key);
  const thetas = [...given.flatMap((each) => each.theta ?? []), ...(own === null ? [] : [own])];
  const scalings = given.map(({ scaling }) => scaling);
  const differing = [thetas, scalings].find((found) => found.some((each) => !isDeepStrictEqual(each, found[0])));
  if (differing) {
    throw new UserError(`${model}: config.json ${[...given.map(({ key }) => key), theta.key].join(", ")}`, {
      expected: "one rotation",
      got: differing.map((each) => JSON.stringify(each)).join(" and "),
      fix: "keep the one that the model was trained with",
    });
  }
  return { theta: thetas[0] ?? theta.usual, scaling: scalings[0] ?? { kind: "none" } };
}

/** Null where there is none; an empty one says nothing. */
function tableOf(model: string, key: string, value: unknown): Table | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "object" && !Array.isArray(value))
    return Object.keys(value).length > 0 ? (value as Table) : null;
  throw new UserError(`${model}: config.json ${key}`, {
    expected: "a table such as {rope_type: linear, factor: 8}",
    got: JSON.stringify(value).slice(0, 80),
    fix: "repair config.json",
  });
}

/** The base frequency in a table; null where it has none. */
function thetaIn({ rope_theta: theta = null }: Table, model: string, key: string): number | null {
  if (theta === null || (typeof theta === "number" && Number.isFinite(theta) && theta > 0)) return theta;
  throw new UserError(`${model}: config.json ${key}.rope_theta`, {
    expected: "a number above 0",
    got: JSON.stringify(theta).slice(0, 80),
    fix: "repair config.json",
  });
}

/** Keys that each kind of scaling has; others would change the rotation in a way that we do not know. */
const scalingKeys: Readonly<Record<RopeScaling["kind"], readonly string[]>> = {
  none: [],
  linear: ["factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
};

function checkKeys(fields: Table, kind: RopeScaling["kind"], subject: string): void {
  const known = ["rope_type", "type", "rope_theta", "partial_rotary_factor", ...scalingKeys[kind]];
  const strange = Object.keys(fields).find((key) => !known.includes(key) && fields[key] !== null);
  const partial = fields.partial_rotary_factor ?? 1;
  if (strange === undefined && partial === 1) return;
  const key = strange ?? "partial_rotary_factor";
  throw new UserError(`${subject}.${key}`, {
    expected: `keys of ${kind} scaling over whole heads`,
    got: JSON.stringify(fields[key]).slice(0, 80),
    fix: "use a supported checkpoint",
  });
}

/** The scaling that the table under `key` of a Hugging Face config says. */
function parseRopeScaling(fields: Table, model: string, key: string): RopeScaling {
  const subject = `${model}: config.json ${key}`;
  const kind = fields.rope_type ?? fields.type ?? "default";
  const number = (name: string) => {
    const value = fields[name];
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw new UserError(`${subject}.${name}`, {
      expected: "a number above 0",
      got: String(value),
      fix: "repair config.json",
    });
  };
  if (kind === "default" || kind === "linear" || kind === "llama3")
    checkKeys(fields, kind === "default" ? "none" : kind, subject);
  if (kind === "default") return { kind: "none" };
  if (kind === "linear") return { kind: "linear", factor: number("factor") };
  if (kind === "llama3") {
    return {
      kind: "llama3",
      factor: number("factor"),
      lowFrequencyFactor: number("low_freq_factor"),
      highFrequencyFactor: number("high_freq_factor"),
      originalPositions: number("original_max_position_embeddings"),
    };
  }
  throw new UserError(subject, {
    expected: "default, linear or llama3",
    got: String(kind),
    fix: "use a supported checkpoint",
  });
}
