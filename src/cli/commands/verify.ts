import type { VerificationRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { EXIT } from "../failures.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly key?: string;
  readonly model?: string;
  readonly tuned?: string;
}

const SIGN = { matches: "=", differs: "≠", "not-checked": "?" } as const;

export const registerVerify: Register = (program, act) => {
  program
    .command("verify")
    .description("which weights, data, items, judges and settings a run compared, and what does not match")
    .argument("<folder>", "a run folder with attestation.json")
    .argument("[files...]", "files outside it to check: data, behaviours, controls, questions, published benchmarks")
    .option("--key <file>", "the signer's public key (PEM) or its fingerprint, from a channel that you trust")
    .option("--model <model>", "check the base's weights: folder, .gguf file, hub id that is on this disk, organism")
    .option("--tuned <model>", "check the tuned model's weights: PEFT folder, or as --model")
    .action(
      act<[string, string[], Options]>(async (session, folder, files, { key = null, model = null, tuned = null }) => {
        const { verifyFolder } = await import("../../jobs/index.ts");
        const record = await verifyFolder(folder, { key, model, tuned, files });
        await tell(session, record);
        session.document(record);
        if (record.outcome === "mismatch") return EXIT.gateBreached;
        return record.outcome === "untrusted" ? EXIT.gateUndecided : EXIT.done;
      }),
    );
};

async function tell(session: Session, { compared, checks, signedBy, outcome }: VerificationRecord): Promise<void> {
  const { columns, safe } = await import("../tables.ts");
  const { print, colors } = session;
  if (compared)
    for (const line of columns(facts(compared).map(([what, value]) => [what, safe(value, 160)]))) print(line);
  print();
  const order = { differs: 0, matches: 1, "not-checked": 2 } as const;
  for (const { what, result, detail } of [...checks].sort((a, b) => order[a.result] - order[b.result])) {
    const line = `${SIGN[result]} ${safe(what, 120)}: ${safe(detail, 300)}`;
    print(result === "differs" ? colors.red(line) : line);
  }
  if (signedBy)
    print(
      `${signedBy.trusted ? "=" : "?"} signer ${safe(signedBy.keyName)}: ${signedBy.trusted ? "the key that you trust" : "not checked against a key that you trust (--key)"}`,
    );
  print();
  print(colors.bold(WORDS[outcome]));
}

const WORDS = {
  sound: "Everything that was checked matches.",
  mismatch: "Something does not match: this is not what was attested.",
  untrusted: "The files match, but the signer is not the one that you trust.",
} as const;

function facts(compared: NonNullable<VerificationRecord["compared"]>): [string, string][] {
  const { base, tuned, data, items, judges, settings, preregistration, fixedBeforeTraining } = compared;
  const model = (side: typeof base) =>
    side ? `${side.name} (${side.sha256 ? `sha256 ${side.sha256.slice(0, 16)}…` : side.where})` : "none";
  const fixed =
    fixedBeforeTraining === null ? "" : fixedBeforeTraining ? ", fixed before training" : ", changed after training";
  return [
    ["Base", model(base)],
    ["Tuned", model(tuned)],
    ["Data", data ? `${data.name} (sha256 ${data.sha256.slice(0, 16)}…)` : "none"],
    ["Behaviours", preregistration ? `items, margin and alpha ${preregistration.slice(0, 16)}…${fixed}` : "none"],
    ...items.map(({ name, sha256 }): [string, string] => ["Items", `${name} (sha256 ${sha256.slice(0, 16)}…)`]),
    ...judges.map(({ model: name, where, rubric }): [string, string] => ["Judge", `${name} at ${where}: ${rubric}`]),
    ...Object.entries(settings).map(([what, value]): [string, string] => [`Settings, ${what}`, JSON.stringify(value)]),
  ];
}
