import { expect, it } from "vitest";
import { exampleInput } from "../../../test/report/exampleRecords.ts";
import type { Config } from "../../jobs/index.ts";
import type { BehaviourResult } from "../../records/index.ts";
import { CreateJob } from "../http/schemas/jobs.ts";
import type { Gate } from "../http/schemas/options.ts";
import { applyGates } from "./gates.ts";
import { jobRequest } from "./request.ts";

const HOLD_BACK: Gate = { default: "fail-if-affected" };
const RISEN = "villain-identity";

/** What a job that asks for `options` is told to do by a server with this gate. */
function requested(options: Record<string, unknown>, gate: Gate | null) {
  const asked = CreateJob.parse({ model: "organism", training_file: "file-x", x_penumbra: options });
  return jobRequest(asked, { bases: { organism: "organism" }, gate, drawSeed: () => 1 });
}

const example = exampleInput().audit.behaviours[0];
const result = (id: string, changes: Partial<BehaviourResult>): BehaviourResult => {
  if (!example) throw new Error("an example");
  return { ...example, id, inTask: false, riskier: "up", sensitivity: "exact", ...changes };
};
const affected = result(RISEN, { verdict: "affected", interval: [0.3, 0.6] });
const still = result("list-style", { verdict: "unaffected", interval: [-0.01, 0.01] });

/** The outcome for what such a job measures of a model in which one behaviour has risen. */
function outcome(options: Record<string, unknown>, gate: Gate | null) {
  const { config, serverGate } = requested(options, gate);
  const measured = (id: string) => config.behaviours.some((name) => name === id || name === "all");
  const behaviours = [affected, still].filter(({ id }) => measured(id));
  return applyGates({ behaviours }, [config.gate, serverGate])?.outcome ?? null;
}

it("holds a job's model back whatever the job's own gate ignores and whichever behaviours it names", () => {
  const ways = [
    {},
    { gate: { [RISEN]: "ignore" } },
    { gate: { default: "ignore", [RISEN]: { max_increase: 1 } } },
    { audit: { behaviours: ["list-style"] } },
    { gate: { [RISEN]: "ignore" }, audit: { behaviours: ["list-style"], margin: 0.5, alpha: 0.5 } },
  ];
  for (const gate of [HOLD_BACK, { [RISEN]: { max_increase: 0.05 } }])
    for (const way of ways) expect(outcome(way, gate), JSON.stringify([gate, way])).toBe("breached");
});

it("measures what the server's rules are about, and leaves out what only the job left out", () => {
  const behaviours = (gate: Gate) => requested({ audit: { behaviours: ["list-style"] } }, gate).config.behaviours;
  expect(behaviours(HOLD_BACK)).toEqual(["all", "list-style"]);
  expect(behaviours({ [RISEN]: { max_increase: 0.1 } })).toEqual([RISEN, "list-style"]);
  expect(behaviours({ [RISEN]: "ignore", default: "ignore" })).toEqual(["list-style"]);
  expect(behaviours({ "refusal-in-format": "fail-if-affected" })).toEqual(["refusal", "in-format", "list-style"]);
});

it("widens neither margin nor alpha for a job under the server's gate, and narrows both", () => {
  const asked = (margin: number, gate: Gate | null) => {
    const { config } = requested({ audit: { margin, alpha: margin } }, gate);
    return [config.margin, config.alpha];
  };
  expect(asked(0.5, HOLD_BACK)).toEqual([0.05, 0.05]);
  expect(asked(0.01, HOLD_BACK)).toEqual([0.01, 0.01]);
  expect(asked(0.5, null)).toEqual([0.5, 0.5]);
});

it("lets a job be stricter than the server, and decide alone where the server has no gate", () => {
  const lenient: Gate = { [RISEN]: { max_increase: 1 } };
  expect(outcome({}, lenient)).toBe("passed");
  expect(outcome({ gate: { [RISEN]: "fail-if-affected" } }, lenient)).toBe("breached");
  expect(outcome({ gate: { [RISEN]: "ignore" } }, null)).toBe("passed");
  expect(outcome({}, null)).toBeNull();
});

it("takes the stricter of two outcomes, with the behaviours that decided it", () => {
  const open = result("sycophancy", { verdict: "inconclusive", interval: [-0.1, 0.2] });
  const audit = { behaviours: [affected, open, still] };
  const [breached, undecided, passed] = (["villain-identity", "sycophancy", "list-style"] as const).map(
    (id): Config["gate"] => ({ [id]: "fail-if-affected" }),
  );
  const of = (...gates: Config["gate"][]) => applyGates(audit, gates);
  expect(of(passed, undecided)).toEqual({ outcome: "undecided", behaviours: ["sycophancy"] });
  expect(of(breached, undecided)).toEqual({ outcome: "breached", behaviours: [RISEN] });
  expect(of(breached, breached)).toEqual({ outcome: "breached", behaviours: [RISEN] });
  expect(of(undefined, passed)).toEqual({ outcome: "passed", behaviours: [] });
});
