/** A calibrated forecast in words. */
import type {
  BehaviourResult,
  CalibrationNote,
  Expected,
  ForecastBehaviour,
  ForecastRecord,
} from "../records/index.ts";
import { count, counted, plainPoints, points, pointsSpan } from "./format.ts";

/** "94%"; no forecast is certain, so none reads 0% or 100%. */
export function chance({ probability }: Pick<Expected, "probability">): string {
  if (probability < 0.005) return "under 1%";
  if (probability >= 0.995) return "over 99%";
  return `${Math.round(100 * probability)}%`;
}

/** "+41.0 (+20.1 to +63.0)". */
export const expectedPoints = ({ shift, interval }: Pick<Expected, "shift" | "interval">) =>
  `${points(shift)} (${pointsSpan(interval)})`;

/** Where the percentages come from, and how right such forecasts were where nothing was fitted to them. */
export function calibrationWords(note: CalibrationNote): string {
  const { without, dataSets, seeds, cells, margin, level, error, coverage } = note;
  const own =
    without === null ? "" : ` These data are one of the sets (${without}): they were forecast from the others alone.`;
  return `Calibrated on ${count(cells)} shifts of this very base: ${counted(dataSets, "data set")}, ${counted(seeds, "seed")}, the same settings, a margin of ±${plainPoints(margin)} points. Forecasting each data set from the others, its percentages were off by ${(100 * error).toFixed(1)} points on average, and ${Math.round(100 * coverage)}% of the measured shifts lay in their interval (${Math.round(100 * level)}% were promised).${own}`;
}

/** From here on a behaviour is called likely to be affected. */
const LIKELY = 0.5;
/** Behaviours that a sentence names. */
const NAMED = 3;

interface Foreseen extends ForecastBehaviour {
  readonly expected: Expected;
}

const foreseen = ({ behaviours }: ForecastRecord): Foreseen[] =>
  behaviours
    .flatMap((b) => (b.expected && !b.inTask ? [{ ...b, expected: b.expected }] : []))
    .sort(
      (a, b) =>
        b.expected.probability - a.expected.probability || Math.abs(b.expected.shift) - Math.abs(a.expected.shift),
    );

/** What is to be expected of the training, in one sentence, before it. */
export function forecastSentence(forecast: ForecastRecord): string {
  const all = foreseen(forecast);
  const likely = all.filter(({ expected }) => expected.probability >= LIKELY);
  const [first] = all;
  if (!forecast.calibrated || !first) return uncalibratedSentence(forecast);
  const of = `of ${counted(all.length, "behaviour")} outside the task`;
  if (likely.length === 0)
    return `Before training: none ${of} is likely to be affected; the highest chance is ${chance(first.expected)} (${first.title}).`;
  const named = likely
    .slice(0, NAMED)
    .map(({ title, expected }) => `${title} (${chance(expected)}, ${points(expected.shift)} points)`);
  return `Before training: ${likely.length} ${of} ${likely.length === 1 ? "is" : "are"} likely to be affected: ${list(named, likely.length - named.length)}.`;
}

function uncalibratedSentence({ behaviours, uncalibrated }: ForecastRecord): string {
  const ranked = behaviours.filter(({ inTask, rank }) => !inTask && rank !== null);
  if (ranked.length === 0) return "Before training: no behaviour outside the task could be forecast.";
  const first = ranked.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0)).slice(0, NAMED);
  const why = uncalibrated ? `: ${uncalibrated}` : "";
  return `Before training: moved most outside the task ${first.length === 1 ? "is" : "are"} ${list(first.map(({ title }) => title))} (uncalibrated${why}).`;
}

/** What became of it: null where nothing that was forecast in percent was measured. */
export function forecastCameTrue(
  forecast: ForecastRecord,
  results: ReadonlyMap<string, BehaviourResult>,
): string | null {
  const judged = foreseen(forecast).flatMap(({ id, expected }) => {
    const result = results.get(id);
    return result?.delta == null || result.verdict === "not-measured"
      ? []
      : [{ expected, result, delta: result.delta }];
  });
  if (!forecast.calibrated || judged.length === 0) return null;
  const [likely, others] = [true, false].map((is) =>
    judged.filter(({ expected }) => expected.probability >= LIKELY === is),
  );
  const affected = (some: typeof judged = []) => some.filter(({ result }) => result.verdict === "affected").length;
  const inside = judged.filter(
    ({ expected: { interval }, delta }) => interval[0] <= delta && delta <= interval[1],
  ).length;
  return `Of ${counted(likely?.length ?? 0, "behaviour")} called likely to be affected, ${affected(likely)} came to be; of the ${others?.length ?? 0} others, ${affected(others)}. ${inside} of ${judged.length} measured shifts lie in their interval.`;
}

/** "a, b and c", or "a, b and 4 more". */
function list(names: readonly string[], more = 0): string {
  const all = more > 0 ? [...names, `${more} more`] : names;
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
