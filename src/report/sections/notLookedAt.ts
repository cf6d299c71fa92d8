import type { ReportInput } from "../input.ts";

/** A section that has nothing to show. */
interface Missing {
  readonly id: string;
  readonly name: string;
}

type Because = (input: ReportInput) => string;

/** Of the sections that a report has only where something was looked at: why one of them is missing. */
const BECAUSE: ReadonlyMap<string, Because> = new Map([
  ["forecast", noForecast],
  ["rows", noForecast],
  ["why", noGeometry],
  ["features", (input) => (input.geometry ? noFeatures(input.geometry) : noGeometry(input))],
  ["dynamics", (input) => (input.geometry ? "no checkpoints of the training were at hand" : noGeometry(input))],
  ["lens", (input) => (input.geometry ? "unrelated text was not read" : noGeometry(input))],
  ["weights", (input) => (input.geometry ? "a whole model was audited and no adapter" : noGeometry(input))],
  ["fidelity", (input) => (input.geometry ? noDictionary : noGeometry(input))],
]);

const noFeatures = ({ dictionary }: NonNullable<ReportInput["geometry"]>) =>
  dictionary ? "no feature of the dictionary stood out" : noDictionary;

const noDictionary = "no dictionary of this model was given";

/** One line for all of them, by reason; null where none is missing. */
export function notLookedAt(input: ReportInput, missing: readonly Missing[]): string | null {
  const names = new Map<string, string[]>();
  for (const { id, name } of missing) {
    const because = BECAUSE.get(id)?.(input);
    if (because !== undefined) names.set(because, [...(names.get(because) ?? []), `“${name}”`]);
  }
  if (names.size === 0) return null;
  const parts = [...names].map(([because, all]) => `${all.join(", ")}, because ${because}`);
  return `Not looked at in this run: ${parts.join("; ")}.`;
}

function noForecast(input: ReportInput): string {
  if (isLeftOut(input, "forecast.json")) return "the forecast in the folder is not this audit\u2019s";
  return (
    unlooked(input) ??
    (input.audit.data === null ? "this audit was given no training data" : "no forecast was made before the training")
  );
}

function noGeometry(input: ReportInput): string {
  if (isLeftOut(input, "geometry.json")) return "the look inside in the folder is not this audit\u2019s";
  return unlooked(input) ?? "no look inside was taken";
}

/** What keeps a run from looking at anything but answers. */
function unlooked({ audit, verdictsOnly }: ReportInput): string | null {
  if (audit.blackBox) return "models behind endpoints are only asked";
  return verdictsOnly ? "the verdicts alone were asked for (inside: false)" : null;
}

const isLeftOut = ({ leftOut = [] }: ReportInput, file: string) => leftOut.some((one) => one.file === file);
