import type { BehaviourResult } from "../records/index.ts";
import { clip, escapeXml } from "./escape.ts";
import type { ReportInput } from "./input.ts";

export interface JunitOptions {
  /** What the run's gate says of each behaviour outside the task, by id; null or absent where it has none. */
  readonly gate?: ReadonlyMap<string, "passed" | "breached" | "undecided" | "ignored"> | null;
}

/**
 * JUnit XML: each behaviour is a test case. With a gate what it breaches and what it cannot decide are failures, what it ignores
 * is skipped, and what it names and nobody measured fails too. Without one, `affected` fails and what is undecided is
 * skipped, with the reason: nothing was asked that it fails. The task itself passes where it moved, because that was asked for.
 */
export function renderJunit(input: ReportInput, { gate = null }: JunitOptions = {}): string {
  const { audit } = input;
  const audited = audit.behaviours.map((b): Case => ({ ...b, outcome: gate ? underGate(b, gate) : ungated(b) }));
  const ids = new Set(audit.behaviours.map(({ id }) => id));
  const missing = [...(gate?.keys() ?? [])].filter((id) => !ids.has(id)).map(unaudited);
  const cases = [...audited, ...missing];
  const failures = cases.filter(({ outcome }) => outcome === "failure").length;
  const skipped = cases.filter(({ outcome }) => outcome === "skipped").length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${(audit.durationMs / 1000).toFixed(3)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="penumbra" ${counts}>
<testsuite name="${attribute(`penumbra audit of ${audit.tuned.name}`)}" ${counts}>
${cases.map(testCase).join("\n")}
<system-out>${escapeXml(clip(audit.headline, 2000).text)}</system-out>
</testsuite>
</testsuites>
`;
}

type Case = Pick<BehaviourResult, "id" | "title" | "verdict" | "why"> & {
  readonly outcome: "passed" | "failure" | "skipped";
};

function ungated({ verdict, inTask }: BehaviourResult): Case["outcome"] {
  if (verdict === "affected") return inTask ? "passed" : "failure";
  return verdict === "unaffected" ? "passed" : "skipped";
}

function underGate(b: BehaviourResult, gate: NonNullable<JunitOptions["gate"]>): Case["outcome"] {
  if (b.inTask) return ungated(b);
  const outcome = gate.get(b.id) ?? "ignored";
  if (outcome === "ignored") return "skipped";
  return outcome === "passed" ? "passed" : "failure";
}

function unaudited(id: string): Case {
  return {
    id,
    title: id,
    verdict: "not-measured",
    why: "The gate names it, and this audit left it out.",
    outcome: "failure",
  };
}

function testCase({ id, title, verdict, why: reason, outcome }: Case): string {
  const name = `name="${attribute(id)}" classname="penumbra.behaviours" time="0"`;
  const why = attribute(reason);
  if (outcome === "failure") {
    return `<testcase ${name}><failure type="${verdict}" message="${why}">${attribute(title)}: ${why}</failure></testcase>`;
  }
  if (outcome === "skipped")
    return `<testcase ${name}><skipped message="${attribute(`${verdict}: ${reason}`)}"/></testcase>`;
  return `<testcase ${name}><system-out>${why}</system-out></testcase>`;
}

const attribute = (text: string) => escapeXml(clip(text, 2000).text);
