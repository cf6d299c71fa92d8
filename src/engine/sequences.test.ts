import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupsByLength, paddedTo } from "./sequences.ts";

const BUDGET = 512;
/** What a batch costs beside its tokens (`BATCH_COST`). */
const ALONE = 32;

const lengths = (most: number) => fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: most });

/** Padded tokens, and each batch's own cost. */
function costOf(groups: readonly { readonly members: readonly number[]; readonly seq: number }[]): number {
  return groups.reduce((sum, { members, seq }) => sum + members.length * seq + ALONE, 0);
}

/** Every way to cut sequences, sorted by length, into groups that the budget allows. */
function allSplits(sorted: readonly number[]): { members: number[]; seq: number }[][] {
  if (sorted.length === 0) return [[]];
  const [longest = 0] = sorted;
  return sorted.flatMap((_, i) => {
    const seq = paddedTo(longest);
    if (i > 0 && seq * (i + 1) > BUDGET) return [];
    const group = { members: [...sorted.keys()].slice(0, i + 1), seq };
    return allSplits(sorted.slice(i + 1)).map((rest) => [group, ...rest]);
  });
}

describe("groupsByLength", () => {
  test("holds every sequence once, longest first, within the budget or alone", () => {
    fc.assert(
      fc.property(lengths(60), (all) => {
        const groups = groupsByLength(all, BUDGET);
        const order = groups.flatMap(({ members }) => members);
        expect(order.toSorted((a, b) => a - b)).toEqual([...all.keys()]);
        const ordered = order.map((index) => all[index] ?? 0);
        expect(ordered).toEqual(all.toSorted((a, b) => b - a));
        for (const { members, seq } of groups) {
          expect(seq).toBe(paddedTo(Math.max(...members.map((index) => all[index] ?? 0))));
          if (members.length > 1) expect(members.length * seq).toBeLessThanOrEqual(BUDGET);
        }
      }),
    );
  });

  test("costs no more than any other split", () => {
    fc.assert(
      fc.property(lengths(9), (all) => {
        const sorted = all.toSorted((a, b) => b - a);
        const least = Math.min(...allSplits(sorted).map(costOf));
        expect(costOf(groupsByLength(all, BUDGET))).toBe(least);
      }),
    );
  });
});

test("a padded length holds its row, is its own padded length, grows with it, and wastes less than a fifth beyond 64", () => {
  const wrong = Array.from({ length: 9000 }, (_, length) => length).filter((length) => {
    const padded = paddedTo(length);
    const wasted = padded - length;
    const little = length > 64 ? wasted < padded / 5 : wasted <= 8;
    return wasted < 0 || padded < 1 || paddedTo(padded) !== padded || padded > paddedTo(length + 1) || !little;
  });
  expect(wrong).toEqual([]);
});
