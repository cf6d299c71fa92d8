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

/** Exact one-sided upper bound of a binomial share (Clopper and Pearson 1934): `count` of `n`, error `alpha`. */
export function clopperPearsonUpper(count, n, alpha) {
  if (n === 0) return null;
  if (count >= n) return 1;
  let [low, high] = [count / n, 1];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (binomialCdf(count, n, middle) > alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X ≤ count), by logarithms of the terms. */
function binomialCdf(count, n, p) {
  if (p <= 0 || p >= 1) return p <= 0 || count >= n ? 1 : 0;
  let [logTerm, sum] = [n * Math.log1p(-p), 0];
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return Math.min(1, sum);
}
