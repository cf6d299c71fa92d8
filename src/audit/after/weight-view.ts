/**
 * What an adapter's weights say by themselves, per module: how large ΔW = s B A is beside W, along which directions it
 * acts, which features it writes into the residual stream and which it reads from it. A description: directions that
 * lie apart in the weights may act alike downstream (arXiv 2506.11618), so that no claim rests on these cosines.
 *
 * 1. Singular values and vectors of ΔW from its factors (`lowRankSvd`); ‖ΔW‖ from them, ‖W‖ from the checkpoint.
 * 2. A module that writes to the stream adds gain ⊙ u for a left singular vector u (gain: of a norm behind the module,
 *    where the family has one). Its cosines are taken with decoder rows, what latents write.
 * 3. A module that reads the stream sees gain ⊙ h / rms(h): a right singular vector v reads ⟨v, gain ⊙ h⟩ = ⟨gain ⊙ v, h⟩.
 *    The cosines of gain ⊙ v are taken with encoder rows, what latents read: both are then functionals of h itself.
 * 4. Null: the largest |cosine| with that many rows of an isotropic direction. A cosine with a fixed row is that of
 *    Student's t with width − 1 degrees of freedom; rows taken for independent give a limit that is too high if anything
 *    (Šidák 1967). Only links beyond its 95th percentile over rows and vectors of the module are listed; |cosines|,
 *    since singular vectors have no sign.
 */
import { must } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import type { ModelSource } from "../../engine/index.ts";
import { dot, norm, rowAt, type Vector } from "../../geometry/index.ts";
import { type Adapter, type LinearSpec, rankOf } from "../../models/index.ts";
import type { GeometryRecord } from "../../records/index.ts";
import { studentQuantile } from "../statistics/index.ts";
import { lowRankSvd } from "./low-rank-svd.ts";

export type WeightView = NonNullable<GeometryRecord["weights"]>;
type ModuleView = WeightView[number];
type Links = ModuleView["writes"];

export interface WeightViewRequest {
  readonly source: ModelSource;
  readonly adapter: Adapter;
  /** Null: neither writes nor reads are looked for. */
  readonly dictionary: Dictionary | null;
}

/** Singular vectors of a module that are compared with the dictionary. */
const VECTORS = 4;
const LISTED = 8;

/** One per module that the adapter changes, in the order of a forward pass. */
export async function weightView({ source, adapter, dictionary }: WeightViewRequest): Promise<WeightView> {
  const views: ModuleView[] = [];
  for (const linear of source.definition.linears) {
    const module = adapter.modules.get(linear.module);
    if (!module) continue;
    const { rank, scale } = rankOf(adapter, module);
    const { values, left, right } = lowRankSvd(module, rank, scale);
    const gain = await gainOf(source, linear);
    const links = (vectors: Float64Array, width: number, rows: Float32Array): Links =>
      dictionary && values.length > 0 ? linksOf(firstRows(vectors, width, gain), width, rows) : [];
    const { side } = linear.stream;
    views.push({
      module: linear.module,
      singularValues: Array.from({ length: rank }, (_, k) => values[k] ?? 0),
      relative: norm(values) / (await frobenius(source, linear)),
      writes: dictionary && side === "writes" ? links(left, linear.dOut, dictionary.decoder) : [],
      reads: dictionary && side === "reads" ? links(right, linear.dIn, dictionary.encoder) : [],
    });
  }
  return views;
}

async function frobenius({ tensors }: ModelSource, { module }: LinearSpec): Promise<number> {
  const name = `${module}.weight`;
  return norm(await readTensor(must(tensors.get(name), name)));
}

/** `[dModel]`, null where no norm stands between module and stream. */
async function gainOf({ tensors }: ModelSource, { stream }: LinearSpec): Promise<Float64Array | null> {
  if (!stream.gain) return null;
  const { weight, offset } = stream.gain;
  return Float64Array.from(await readTensor(must(tensors.get(weight), weight)), (w) => offset + w);
}

function firstRows(vectors: Float64Array, width: number, gain: Float64Array | null): Float64Array[] {
  const count = Math.min(VECTORS, vectors.length / width);
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from(rowAt(vectors, width, k), (value, i) => value * (gain?.[i] ?? 1)),
  );
}

/** The strongest |cosine| of each row with any of `vectors`, where it is beyond chance. */
function linksOf(vectors: readonly Vector[], width: number, rows: Float32Array): Links {
  const count = rows.length / width;
  const limit = chance95(width, count * vectors.length);
  const links: Links = [];
  for (let latent = 0; latent < count; latent++) {
    const row = rowAt(rows, width, latent);
    const length = norm(row);
    const cosine = length === 0 ? 0 : Math.max(...vectors.map((v) => Math.abs(dot(v, row)) / (length * norm(v))));
    if (cosine > limit) links.push({ latent, cosine });
  }
  return links.sort((a, b) => b.cosine - a.cosine).slice(0, LISTED);
}

/** 95th percentile of the largest |cosine| among `count` independent pairs with one side isotropic. */
export function chance95(width: number, count: number): number {
  const tail = (1 - 0.95 ** (1 / count)) / 2;
  const t = -studentQuantile(tail, width - 1);
  return t / Math.sqrt(width - 1 + t * t);
}
