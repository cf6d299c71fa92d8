import { expect, it } from "vitest";
import { contentHash } from "./train-examples.ts";

const row = (...ids: number[]) => ({ ids: Int32Array.from(ids), weights: Float32Array.from(ids, () => 1) });
const guard = (weight: number, ...texts: number[][]) => ({
  method: "kl" as const,
  rows: texts.map((ids) => Int32Array.from(ids)),
  weight,
  rowsPerStep: 1,
});

it("another token, another weight, another guard or another order is another training", () => {
  const rows = [row(1, 2), row(3, 4)];
  const hashes = [
    contentHash({ rows }),
    contentHash({ rows: [row(1, 2), row(3, 5)] }),
    contentHash({ rows: [row(1, 2), { ...row(3, 4), weights: new Float32Array(2) }] }),
    contentHash({ rows: [row(3, 4), row(1, 2)] }),
    contentHash({ rows }, guard(1, [7])),
    contentHash({ rows }, guard(1, [8])),
    contentHash({ rows }, guard(2, [7])),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(contentHash({ rows: [row(1, 2), row(3, 4)] }, guard(1, [7]))).toBe(hashes[4]);
  // A part of a larger array is what it shows, not what it lies in.
  const inside = { ids: Int32Array.from([9, 3, 4]).subarray(1), weights: Float32Array.from([0, 1, 1]).subarray(1) };
  expect(contentHash({ rows: [row(1, 2), inside] })).toBe(hashes[0]);
});
