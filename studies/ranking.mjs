/** Rank statistics of the studies. */

/** P(a positive scores above a negative), ties half; null where a class is empty. */
export function areaUnderRoc(positives, negatives) {
  if (positives.length === 0 || negatives.length === 0) return null;
  const ranks = midRanks([...positives, ...negatives]);
  const sum = ranks.slice(0, positives.length).reduce((total, rank) => total + rank, 0);
  return (sum - (positives.length * (positives.length + 1)) / 2) / (positives.length * negatives.length);
}

/** Spearman's rank correlation; null below three pairs or without spread. */
export function spearman(x, y) {
  if (x.length < 3) return null;
  const [a, b] = [midRanks(x), midRanks(y)];
  const mean = (x.length + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, rank] of a.entries()) {
    ab += (rank - mean) * (b[i] - mean);
    aa += (rank - mean) ** 2;
    bb += (b[i] - mean) ** 2;
  }
  return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb);
}

/** Ranks from 1, equal values sharing their mean rank. */
function midRanks(values) {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const ranks = new Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
