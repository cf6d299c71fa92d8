/** Published benchmarks and the reasoning audit beside an audit: the same two models, the same folder and report. */
import type { Command } from "commander";
import { UserError } from "../core/index.ts";
import type { RunResult } from "../jobs/index.ts";
import { endpointOf, positive } from "./endpoint-options.ts";
import { addJudgeOptions, type JudgeOptions, withPanel } from "./judge-options.ts";
import type { Session } from "./session.ts";
import type { Named, Subjects } from "./subjects.ts";

export interface BesideOptions extends JudgeOptions {
  readonly benchmark?: string[];
  readonly benchmarkRows: number;
  readonly partial?: boolean;
  readonly cot?: boolean;
  readonly maxTokens?: number;
  readonly redact?: boolean;
}

/** What a benchmark is asked where the audit's flags do not say it; `penumbra benchmark` has a flag for each. */
const ANSWER_TOKENS = 256;
const REASONING_TOKENS = 1024;
const EM = { samples: 100, formats: ["plain", "json", "template"] };
const COT = { items: 120, processItems: 24, temperature: 1 };

export function addBesideOptions(command: Command): Command {
  command
    .option("--benchmark <name=file...>", "published benchmarks too, from your copies: xstest=xstest_prompts.csv")
    .option("--benchmark-rows <n>", "rows of each at most, drawn by the seed", positive, 100_000)
    .option("--partial", "those files are parts of the published ones on purpose")
    .option("--cot", "what visible reasoning discloses, too");
  return addJudgeOptions(command);
}

interface Chosen {
  readonly name: string;
  readonly path: string;
}

function chosenOf({ benchmark = [] }: BesideOptions): readonly Chosen[] {
  return benchmark.map((text) => {
    const at = text.indexOf("=");
    if (at > 0 && at < text.length - 1) return { name: text.slice(0, at), path: text.slice(at + 1) };
    throw new UserError("--benchmark", {
      expected: "a name and a file with = between them",
      got: text,
      fix: "for example --benchmark xstest=xstest_prompts.csv",
    });
  });
}

/** Before anything is computed: files that are wrong, and a judge that is missing. */
export async function checkBeside(options: BesideOptions): Promise<void> {
  const chosen = chosenOf(options);
  if (chosen.length === 0) return;
  const { checkBenchmark } = await import("../jobs/index.ts");
  for (const each of chosen) {
    const { partial = false, judge } = options;
    await checkBenchmark({ ...each, partial, formats: EM.formats, judged: judge !== undefined });
  }
}

export async function besideAudit(
  session: Session,
  named: Named,
  options: BesideOptions,
  { audit, folder }: Pick<RunResult, "audit" | "folder">,
): Promise<void> {
  const chosen = chosenOf(options);
  if (chosen.length === 0 && !options.cot) return;
  const { withSubjects } = await import("./subjects.ts");
  await withSubjects(named, endpointOf, (subjects) =>
    withPanel(options, audit.seed, async (panel) => {
      const asked = { subjects, panel, options, audit, folder };
      for (const each of chosen) await benchmarked(session, each, asked);
      if (options.cot) await reasoned(session, asked);
    }),
  );
}

interface Asked extends Pick<RunResult, "audit" | "folder"> {
  readonly subjects: Subjects;
  readonly panel: Parameters<Parameters<typeof withPanel>[2]>[0];
  readonly options: BesideOptions;
}

async function benchmarked(session: Session, chosen: Chosen, asked: Asked): Promise<void> {
  const { benchmark } = await import("../jobs/index.ts");
  const { benchmarkTable } = await import("./tables.ts");
  const { subjects, panel, options, audit, folder } = asked;
  const { base, tuned } = subjects;
  const { benchmarkRows: rows, partial = false, maxTokens = ANSWER_TOKENS, redact = false } = options;
  const { seed, margin, alpha } = audit;
  const settings = { rows, partial, ...EM, maxTokens, seed, margin, alpha, folder, panel };
  const record = await benchmark({ ...chosen, ...settings, base, tuned: tuned ? [tuned] : [] }, { ...session, redact });
  session.print();
  for (const line of benchmarkTable(record)) session.print(line);
}

async function reasoned(session: Session, { subjects, panel, options, audit, folder }: Asked): Promise<void> {
  const { cot } = await import("../jobs/index.ts");
  const { cotTable } = await import("./tables.ts");
  const { base, tuned } = subjects;
  const { seed, margin, alpha } = audit;
  const { maxTokens = REASONING_TOKENS, redact = false } = options;
  const settings = { processCount: COT.processItems, temperature: COT.temperature, maxTokens, margin, seed, alpha };
  const questions = { file: null, layout: null, most: COT.items };
  const record = await cot({ base, tuned, panel, ...settings }, { questions, folder }, { ...session, redact });
  session.print();
  session.print(session.colors.bold(record.headline));
  for (const line of cotTable(record)) session.print(line);
}
