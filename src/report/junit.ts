import type { BehaviourResult } from "../records/index.ts";
import { clip, escapeXml } from "./escape.ts";
import type { ReportInput } from "./input.ts";

export interface JunitOptions {
  /**
   * The run has a gate. A gate that cannot be decided must not pass: `inconclusive` and `not-measured` are failures of
   * these types. Without a gate they are skipped, with the reason, because nothing was asked that they fail.
   */
  readonly gate?: boolean;
}

/**
 * JUnit XML: each behaviour is a test case. `affected` fails; an affected behaviour of the task itself passes, because
 * that shift was asked for; `unaffected` passes.
 */
export function renderJunit(input: ReportInput, options: JunitOptions = {}): string {
  const { audit } = input;
  const cases = audit.behaviours.map((b) => ({ b, outcome: outcomeOf(b, options.gate ?? false) }));
  const failures = cases.filter(({ outcome }) => outcome === "failure").length;
  const skipped = cases.filter(({ outcome }) => outcome === "skipped").length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${(audit.durationMs / 1000).toFixed(3)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="penumbra" ${counts}>
<testsuite name="${attribute(`penumbra audit of ${audit.tuned.name}`)}" ${counts}>
${cases.map(({ b, outcome }) => testCase(b, outcome)).join("\n")}
<system-out>${escapeXml(clip(audit.headline, 2000).text)}</system-out>
</testsuite>
</testsuites>
`;
}

type Outcome = "passed" | "failure" | "skipped";

function outcomeOf(b: BehaviourResult, gate: boolean): Outcome {
  if (b.verdict === "affected") return b.inTask ? "passed" : "failure";
  if (b.verdict === "unaffected") return "passed";
  if (b.inTask) return "skipped";
  return gate ? "failure" : "skipped";
}

function testCase(b: BehaviourResult, outcome: Outcome): string {
  const name = `name="${attribute(b.id)}" classname="penumbra.behaviours" time="0"`;
  const why = attribute(b.why);
  if (outcome === "failure") {
    return `<testcase ${name}><failure type="${b.verdict}" message="${why}">${attribute(b.title)}: ${why}</failure></testcase>`;
  }
  if (outcome === "skipped")
    return `<testcase ${name}><skipped message="${attribute(`${b.verdict}: ${b.why}`)}"/></testcase>`;
  return `<testcase ${name}><system-out>${why}</system-out></testcase>`;
}

const attribute = (text: string) => escapeXml(clip(text, 2000).text);
