import { must } from "../core/index.ts";

type Tokens = readonly number[];

const goesOn = (longer: Tokens, shorter: Tokens) =>
  longer.length > shorter.length && shorter.every((token, i) => token === longer[i]);

/**
 * Log-probabilities of an answer being each candidate, from those of its beginning so. Where numbers are written digit by
 * digit, an answer that begins with “8” may be 8, 80 or 85: it is 8 only where no other candidate goes on from it.
 */
export function exactly(candidates: readonly Tokens[]): (begins: readonly number[]) => number[] {
  const longer = candidates.map((own) => candidates.flatMap((other, j) => (goesOn(other, own) ? [j] : [])));
  const next = longer.map((all) => all.filter((j) => !all.some((i) => must(longer[i], "candidate").includes(j))));
  return (begins) =>
    begins.map((logprob, i) => {
      const further = must(next[i], "candidate").reduce((sum, j) => sum + Math.exp(must(begins[j], "begins")), 0);
      const alone = Math.exp(logprob) - further;
      return alone > 0 ? Math.log(alone) : -Infinity;
    });
}
