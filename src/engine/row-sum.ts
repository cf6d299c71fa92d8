import type { SimdLoops } from "./simd.ts";

/** Σ factor · row into one row, four terms at a time. */
export class RowSum {
  readonly #loops: SimdLoops;
  readonly #bytes: number;
  readonly #rows = [0, 0, 0, 0];
  readonly #factors = [0, 0, 0, 0];
  #target = 0;
  #held = 0;

  constructor(loops: SimdLoops, bytes: number) {
    this.#loops = loops;
    this.#bytes = bytes;
  }

  begin(target: number): void {
    this.#target = target;
    this.#held = 0;
  }

  add(row: number, factor: number): void {
    this.#rows[this.#held] = row;
    this.#factors[this.#held] = factor;
    this.#held++;
    if (this.#held === 4) this.#flush();
  }

  end(): void {
    if (this.#held === 0) return;
    // Terms that are missing: the first row times nothing.
    for (let i = this.#held; i < 4; i++) {
      this.#rows[i] = this.#rows[0] as number;
      this.#factors[i] = 0;
    }
    this.#flush();
  }

  #flush(): void {
    const [p0, p1, p2, p3] = this.#rows as [number, number, number, number];
    const [f0, f1, f2, f3] = this.#factors as [number, number, number, number];
    this.#loops.combine(this.#target, this.#bytes, p0, f0, p1, f1, p2, f2, p3, f3);
    this.#held = 0;
  }
}
