/** Search over labels by words: Okapi BM25 (Robertson et al. 1994) over whole words. */
import type { LatentMeaning } from "./neuronpedia.ts";

export interface FoundLabel {
  readonly latent: number;
  readonly label: string;
  readonly score: number;
}

const [K1, B] = [1.2, 0.75];

/** Lower-case words of letters and digits. */
const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** The best `keep` labels for `query`, best first; of equal ones the lower latent. Labels without any of its words are left out. */
export function searchLabels(
  meanings: Iterable<Pick<LatentMeaning, "latent" | "labels">>,
  query: string,
  keep = 20,
): FoundLabel[] {
  const labels = [...meanings].flatMap(({ latent, labels: of }) =>
    of.map(({ text }) => ({ latent, label: text, words: wordsOf(text) })),
  );
  const average = labels.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, labels.length);
  const asked = [...new Set(wordsOf(query))].map((word) => {
    const holding = labels.filter(({ words }) => words.includes(word)).length;
    return { word, weight: Math.log(1 + (labels.length - holding + 0.5) / (holding + 0.5)) };
  });
  return labels
    .map(({ latent, label, words }) => {
      const score = asked.reduce((sum, { word, weight }) => {
        const count = words.filter((each) => each === word).length;
        return sum + (weight * count * (K1 + 1)) / (count + K1 * (1 - B + (B * words.length) / average));
      }, 0);
      return { latent, label, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.latent - b.latent)
    .slice(0, keep);
}
