/**
 * What an adapter's weights say by themselves, per module: how large ΔW is beside W, along which directions it acts,
 * which features it writes into the residual stream and which it reads from it. A description: directions that lie apart
 * in the weights may act alike downstream (arXiv 2506.11618), so that no claim rests on these cosines.
 *
 * 1. Singular values and vectors of ΔW = s B A from its factors (`lowRankSvd`); ‖ΔW‖ from them, ‖W‖ from the checkpoint.
 *    Of DoRA ΔW = m ⊙ (W + s B A)/‖W + s B A‖ − W, which magnitudes make one of full rank: it is made whole, a module at a
 *    time, and its strongest values and vectors are taken (`strongestSvd`).
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
import { type Adapter, type AdapterModule, type LinearSpec, rankOf } from "../../models/index.ts";
import type { GeometryRecord } from "../../records/index.ts";
import { wholeChange } from "../repair/merge-dora.ts";
import { studentQuantile } from "../statistics/index.ts";
import { type LowRankSvd, lowRankSvd } from "./low-rank-svd.ts";
import { strongestSvd } from "./strongest-svd.ts";

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
/** Singular values of a change that has no low rank. */
const VALUES = 8;

/** One per module that the adapter changes, in the order of a forward pass. */
export async function weightView({ source, adapter, dictionary }: WeightViewRequest): Promise<WeightView> {
  const views: ModuleView[] = [];
  for (const linear of source.definition.linears) {
    const module = adapter.modules.get(linear.module);
    if (!module) continue;
    const weight = await weightOf(source, linear);
    const { values, left, right, size, shown } = changeOf(weight, { adapter, module, linear });
    const gain = await gainOf(source, linear);
    const links = (vectors: Float64Array, width: number, rows: Float32Array): Links =>
      dictionary && values.length > 0 ? linksOf(firstRows(vectors, width, gain), width, rows) : [];
    const { side } = linear.stream;
    views.push({
      module: linear.module,
      singularValues: Array.from({ length: shown }, (_, k) => values[k] ?? 0),
      relative: size / norm(weight),
      writes: dictionary && side === "writes" ? links(left, linear.dOut, dictionary.decoder) : [],
      reads: dictionary && side === "reads" ? links(right, linear.dIn, dictionary.encoder) : [],
    });
  }
  return views;
}

/** W as the checkpoint holds it. */
function weightOf({ tensors }: ModelSource, { module }: LinearSpec): Promise<Float32Array> {
  const name = `${module}.weight`;
  return readTensor(must(tensors.get(name), name));
}

interface Change extends LowRankSvd {
  /** ‖ΔW‖ */
  readonly size: number;
  /** Singular values that are shown. */
  readonly shown: number;
}

interface Changed {
  readonly adapter: Adapter;
  readonly module: AdapterModule;
  readonly linear: LinearSpec;
}

function changeOf(weight: Float32Array, { adapter, module, linear }: Changed): Change {
  const { rank, scale } = rankOf(adapter, module);
  if (!module.magnitude) {
    const found = lowRankSvd(module, rank, scale);
    return { ...found, size: norm(found.values), shown: rank };
  }
  const change = wholeChange(weight, module, { ...linear, rank, scale });
  return { ...strongestSvd(change, linear.dIn, VALUES), size: norm(change), shown: VALUES };
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
