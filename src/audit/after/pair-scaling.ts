/** Norms and latent scaling of a crosscoder of two models; the equations stand in coder-comparison.ts. */
import { must } from "../../core/index.ts";
import type { GroupActivations, LatentGroup } from "../../dictionaries/index.ts";
import type { CoderComparison } from "../../records/index.ts";

type Pair = NonNullable<CoderComparison["latents"][number]["pair"]>;

/** Relative norms up to which a latent is the base's alone, and between which it is shared; mirrored for the tuned model. */
const ALONE = 0.1;
const SHARED = 0.4;

export class PairScaling {
  readonly #width: number;
  /** `[nLatents, 2, width]` */
  readonly #decoder: Float32Array;
  readonly #nLatents: number;
  /** Which model's decoder is the larger, per latent. */
  readonly #larger: Uint8Array;
  readonly #norms: readonly [Float64Array, Float64Array];
  /** Σ f² and, per model, Σ f ⟨d, y_m⟩. */
  readonly #square: Float64Array;
  readonly #product: readonly [Float64Array, Float64Array];

  constructor({ decoder, nLatents, dIn }: LatentGroup<Float32Array>) {
    this.#width = dIn / 2;
    this.#decoder = decoder;
    this.#nLatents = nLatents;
    this.#norms = [this.#normsOf(0), this.#normsOf(1)];
    this.#larger = Uint8Array.from({ length: nLatents }, (_, i) => Number(this.#norm(1, i) > this.#norm(0, i)));
    this.#square = new Float64Array(nLatents);
    this.#product = [new Float64Array(nLatents), new Float64Array(nLatents)];
  }

  /** `targets[m]`, `rebuilt[m]` `[tokens, width]` of model m. */
  add(
    { starts, latents, values }: GroupActivations,
    targets: readonly Float32Array[],
    rebuilt: readonly Float32Array[],
  ): void {
    for (let t = 0; t < starts.length - 1; t++)
      for (let slot = must(starts[t], "start"); slot < must(starts[t + 1], "start"); slot++) {
        const [latent, f] = [must(latents[slot], "latent"), must(values[slot], "value")];
        this.#square[latent] = must(this.#square[latent], "sum") + f * f;
        for (const m of [0, 1] as const) {
          const error = this.#along(latent, must(targets[m], "h"), t) - this.#along(latent, must(rebuilt[m], "ĥ"), t);
          const own = f * this.#between(latent, m);
          this.#product[m][latent] = must(this.#product[m][latent], "sum") + f * (error + own);
        }
      }
  }

  /** Of every latent. */
  result(): Pair[] {
    return Array.from({ length: this.#nLatents }, (_, latent) => {
      const [before, after] = [this.#norm(0, latent), this.#norm(1, latent)];
      const most = Math.max(before, after);
      const relativeNorm = most > 0 ? 0.5 * ((after - before) / most + 1) : 0.5;
      const product = before * after;
      const cosine = product > 0 ? this.#product2(this.#row(0, latent), this.#row(1, latent)) / product : null;
      const [b, t] = [must(this.#product[0][latent], "β"), must(this.#product[1][latent], "β")];
      const scaling = must(this.#square[latent], "square") > 0 && t !== 0 ? b / t : null;
      return { relativeNorm, cosine, kind: kindOf(relativeNorm), scaling };
    });
  }

  #row(model: 0 | 1, latent: number): Float32Array {
    const start = (2 * latent + model) * this.#width;
    return this.#decoder.subarray(start, start + this.#width);
  }

  #normsOf(model: 0 | 1): Float64Array {
    return Float64Array.from({ length: this.#nLatents }, (_, latent) => {
      const row = this.#row(model, latent);
      return Math.sqrt(this.#product2(row, row));
    });
  }

  #norm(model: 0 | 1, latent: number): number {
    return must(this.#norms[model][latent], "norm");
  }

  /** d: the larger of the latent's two decoders. */
  #direction(latent: number): Float32Array {
    return this.#row(this.#larger[latent] === 1 ? 1 : 0, latent);
  }

  #along(latent: number, rows: Float32Array, t: number): number {
    return this.#product2(this.#direction(latent), rows.subarray(t * this.#width, (t + 1) * this.#width));
  }

  #between(latent: number, model: 0 | 1): number {
    return this.#product2(this.#direction(latent), this.#row(model, latent));
  }

  #product2(a: Float32Array, b: Float32Array): number {
    let sum = 0;
    for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
    return sum;
  }
}

function kindOf(relativeNorm: number): Pair["kind"] {
  if (relativeNorm < ALONE) return "base-only";
  if (relativeNorm > 1 - ALONE) return "tuned-only";
  return relativeNorm >= SHARED && relativeNorm <= 1 - SHARED ? "shared" : "between";
}
