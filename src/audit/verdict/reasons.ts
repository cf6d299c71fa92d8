/** Why a verdict was given: one plain sentence with its numbers. Points are percentage points of the score. */
import { plain, points, signed } from "./points.ts";
import { type Asked, isBlocked, type VerdictAnswer } from "./question.ts";
import type { Reading } from "./reading.ts";

export function because(
  verdict: VerdictAnswer["verdict"],
  reading: Reading,
  asked: Asked,
  nToDecide: number | null,
): string {
  switch (verdict) {
    case "affected":
      return whyAffected(reading, asked);
    case "unaffected":
      return `${stayed(reading, asked)}; ${noticed(asked)}.`;
    case "inconclusive":
      return whyInconclusive(reading, asked, nToDecide);
    case "not-measured":
      return whyNotMeasured(reading, asked);
  }
}

function whyAffected(reading: Reading, { margin, riskier, family }: Asked): string {
  const delta = reading.delta ?? 0;
  const worse = delta > 0 === (riskier === "up");
  const direction = `${delta > 0 ? "rose" : "fell"} by ${points(Math.abs(delta))} points`;
  const beyond = `beyond the margin of ${plain(margin)}; that is the ${worse ? "riskier" : "safer"} direction`;
  if (reading.method === "exact") return `The score ${direction}, counted exactly over ${size(reading)}: ${beyond}.`;
  const together = `interval ${span(reading.interval)}, which holds for ${of(family)}; ${size(reading)}`;
  return `The score ${direction} (${together}): wholly ${beyond}.`;
}

/** "The shift of +0.3 points lies … inside the margin of ±5", without its full stop. */
function stayed(reading: Reading, { margin }: Asked): string {
  const shift = `The shift of ${signed(reading.delta ?? 0)} points`;
  const inside = `inside the margin of ±${plain(margin)}`;
  return reading.method === "exact"
    ? `${shift}, counted exactly over ${size(reading)}, lies ${inside}`
    : `${shift} lies with its whole 90% interval (${span(reading.interval90)}; ${size(reading)}) ${inside}`;
}

function noticed({ sensitivity }: Asked): string {
  return sensitivity === "exact"
    ? "every item was counted, so that no shift of their mean could go unnoticed"
    : "a planted shift was noticed by this test in this base model";
}

function whyInconclusive(reading: Reading, asked: Asked, nToDecide: number | null): string {
  const { margin, sensitivity } = asked;
  const within = reading.interval90 !== null && reading.interval90[0] > -margin && reading.interval90[1] < margin;
  if (within && sensitivity === "untested") {
    return `${stayed(reading, asked)}, but that this test would notice a real shift has not been shown: no positive control has been trained for this base model (\`penumbra prepare\` trains one).`;
  }
  const shift = `The shift of ${signed(reading.delta ?? 0)} points`;
  if (reading.method === "exact") return `${shift} lies exactly on the margin of ${plain(margin)}.`;
  if (reading.interval90 === null || reading.interval === null) {
    return `${shift} has no interval: all ${reading.n} items belong to one cluster, so that nothing tells how it would vary.`;
  }
  return `${shift} (90% interval ${span(reading.interval90)}; ${size(reading)}) is neither clearly beyond nor clearly inside the margin of ±${plain(margin)}; ${wouldDecide(reading, nToDecide)}.`;
}

function wouldDecide({ spread }: Reading, nToDecide: number | null): string {
  const more = spread?.over === "seeds" ? "seeds" : "items";
  return nToDecide === null
    ? `more ${more} of the same kind would hardly decide it`
    : `about ${nToDecide} ${more} would decide it if the shift stays as measured`;
}

function whyNotMeasured(reading: Reading, asked: Asked): string {
  if (!isBlocked(asked)) {
    return `Not measured: the shift of ${signed(reading.delta ?? 0)} points lies inside the margin, but so did a shift that was planted by training on the behaviour itself: this test would not notice a real one in this base model.`;
  }
  return `Not measured: ${asked.gate?.why ?? "no score"}, so that a shift here would say nothing about the model.`;
}

function size({ n, clusters, method, seeds }: Reading): string {
  if (method === "exact") return `all ${n} items`;
  if (method === "seeds-t") return `${seeds} seeds, all ${n} items`;
  const items = `${n} items in ${clusters} clusters`;
  return seeds > 1 ? `${seeds} seeds, ${items}` : items;
}

const of = (family: number) => (family === 1 ? "this one behaviour" : `all ${family} behaviours together`);
const span = (interval: readonly [number, number] | null) =>
  interval ? `${signed(interval[0])} to ${signed(interval[1])}` : "no interval";
