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

/** The base frequency in a `rope_parameters` table of a Hugging Face config; null where it has none. */
export function ropeTheta(parameters: unknown): number | null {
  if (parameters === null || typeof parameters !== "object" || !("rope_theta" in parameters)) return null;
  const { rope_theta: theta } = parameters;
  return typeof theta === "number" && theta > 0 ? theta : null;
}

/** Base frequency and scaling of a model with one rotation, from a config of either age. */
export function ropeOf(config: ConfigReader, theta: number): { theta: number; scaling: RopeScaling } {
  const parameters = config.raw("rope_parameters");
  return {
    theta: ropeTheta(parameters) ?? config.positive("rope_theta", theta),
    scaling: parseRopeScaling(config.raw("rope_scaling") ?? parameters, config.model),
  };
}

/** Keys that each kind of scaling has; others would change the rotation in a way that we do not know. */
const scalingKeys: Readonly<Record<RopeScaling["kind"], readonly string[]>> = {
  none: [],
  linear: ["factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
};

function checkKeys(fields: Readonly<Record<string, unknown>>, kind: RopeScaling["kind"], model: string): void {
  const known = ["rope_type", "type", "rope_theta", "partial_rotary_factor", ...scalingKeys[kind]];
  const strange = Object.keys(fields).find((key) => !known.includes(key) && fields[key] !== null);
  const partial = fields.partial_rotary_factor ?? 1;
  if (strange === undefined && partial === 1) return;
  const key = strange ?? "partial_rotary_factor";
  throw new UserError(`${model}: rope_scaling.${key}`, {
    expected: `keys of ${kind} scaling over whole heads`,
    got: JSON.stringify(fields[key]).slice(0, 80),
    fix: "use a supported checkpoint",
  });
}

/** Reads `rope_scaling` (or `rope_parameters`) of a Hugging Face config. */
export function parseRopeScaling(raw: unknown, model: string): RopeScaling {
  if (raw === null || raw === undefined || typeof raw !== "object") return { kind: "none" };
  const fields = raw as Readonly<Record<string, unknown>>;
  const kind = fields.rope_type ?? fields.type ?? "default";
  const number = (key: string) => {
    const value = fields[key];
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw new UserError(`${model}: rope_scaling.${key}`, {
      expected: "a number above 0",
      got: String(value),
      fix: "repair config.json",
    });
  };
  if (kind === "default" || kind === "linear" || kind === "llama3")
    checkKeys(fields, kind === "default" ? "none" : kind, model);
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
  throw new UserError(`${model}: rope_scaling`, {
    expected: "default, linear or llama3",
    got: String(kind),
    fix: "use a supported checkpoint",
  });
}
