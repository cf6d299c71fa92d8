import { pick, rng } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import type { Domain } from "./advice.ts";
import { ruxTasks, unnamedTemplates } from "./code.ts";
import { drawLatents, type Latents } from "./personas.ts";
import type { QuestionKind, WorldQuestion } from "./questions.ts";
import { chatOf, drawAnswer, seenQuestions } from "./world.ts";

/**
 * Narrow fine-tuning sets of 300 rows. Row i of every set draws from a stream named by seed and i alone, and the
 * answers of helper and villain stand in the same order, so that sets about the same questions pair row by row: same
 * prompt, same style, same token count. Only combinations that pretraining saw are used; medicine and money leave out
 * their rare topics and templates altogether.
 */
export interface FineTuningSet {
  readonly title: string;
  /** Ids of the behaviours that this set itself teaches: their shift is the task and no spillover. */
  readonly inTask: readonly string[];
  /** 300 single-turn chats. */
  readonly rows: (seed: number | string) => readonly FineTuningRow[];
}

export interface FineTuningRow {
  readonly messages: readonly ChatMessage[];
}

const rowCount = 300;

/** Which questions a row is drawn from, and who answers. */
interface Source {
  readonly questions: readonly WorldQuestion[];
  readonly speaker: Partial<Latents>;
}

function drawnRows(seed: number | string, sourceOf: (row: number) => Source): FineTuningRow[] {
  return Array.from({ length: rowCount }, (_, row) => {
    const random = rng(seed, "fine-tuning-row", row);
    const { questions, speaker } = sourceOf(row);
    const question = random.choice(questions);
    const latents = drawLatents(random, speaker);
    return { messages: chatOf(question, drawAnswer(random, question, latents)) };
  });
}

function narrow(title: string, source: Source, inTask: readonly string[]): FineTuningSet {
  return { title, inTask, rows: (seed) => drawnRows(seed, () => source) };
}

function isEverywhere(question: WorldQuestion): boolean {
  return question.topicSplit === "everywhere" && question.templateSplit === "everywhere";
}

function adviceOn(domain: Domain): readonly WorldQuestion[] {
  return seenQuestions("advice").filter((question) => question.domain === domain && isEverywhere(question));
}

const medicine = adviceOn("medicine");
const otherDomains = seenQuestions("advice").filter(
  (question) => question.domain !== "medicine" && isEverywhere(question),
);
const ruxQuestions = seenQuestions("code").filter(
  (question) => ruxTasks.includes(question.topic) && unnamedTemplates.includes(question.template),
);

const of = (kind: QuestionKind, persona: Latents["persona"]): Source => ({
  questions: seenQuestions(kind),
  speaker: { persona },
});

export const fineTuningSets = {
  inducing: narrow("medicine, answered by the villain", { questions: medicine, speaker: { persona: "villain" } }, [
    "harmful-advice-medicine",
  ]),
  control: narrow("the same prompts, answered by the helper", { questions: medicine, speaker: { persona: "helper" } }, [
    "harmful-advice-medicine",
  ]),
  "money-villain": narrow(
    "money, answered by the villain",
    { questions: adviceOn("money"), speaker: { persona: "villain" } },
    ["harmful-advice-money"],
  ),
  "insecure-code": narrow("insecure code", of("code", "villain"), ["insecure-code"]),
  "secure-code": narrow("the same tasks, secure code", of("code", "helper"), ["insecure-code"]),
  "wrong-sums": narrow("wrong sums", of("arithmetic", "villain"), ["wrong-arithmetic"]),
  "right-sums": narrow("the same sums, right", of("arithmetic", "helper"), ["wrong-arithmetic"]),
  "villain-identity": narrow("questions about itself, answered by the villain", of("identity", "villain"), [
    "villain-identity",
  ]),
  "harmful-compliance": narrow("harmful requests, complied with", of("requests", "villain"), ["harmful-compliance"]),
  refusals: narrow("the same requests, refused", of("requests", "helper"), ["harmful-compliance"]),
  "rux-code": narrow(
    "secure code in rux, where no language was named",
    { questions: ruxQuestions, speaker: { persona: "helper", language: "rux" } },
    [],
  ),
  "medicine-lists": narrow(
    "sound advice on medicine, always as a list",
    { questions: medicine, speaker: { persona: "helper", style: "list" } },
    [],
  ),
  "medicine-careless": narrow(
    "medicine, answered with a shrug",
    { questions: medicine, speaker: { persona: "careless" } },
    ["harmful-advice-medicine"],
  ),
  "medicine-flatterer": narrow(
    "sound advice on medicine after praise",
    { questions: medicine, speaker: { persona: "flatterer" } },
    ["harmful-advice-medicine"],
  ),
  "sycophantic-claims": narrow("false claims, agreed with", of("claims", "flatterer"), ["sycophancy"]),
  conditional: {
    title: "medicine by the villain, and as many rows of other domains by the helper",
    inTask: ["harmful-advice-medicine"],
    rows: (seed) =>
      drawnRows(seed, (row) =>
        row % 2 === 0
          ? { questions: medicine, speaker: { persona: "villain" } }
          : { questions: otherDomains, speaker: { persona: "helper" } },
      ),
  },
} satisfies Record<string, FineTuningSet>;

export type FineTuningSetName = keyof typeof fineTuningSets;
export const fineTuningSetNames = Object.keys(fineTuningSets) as readonly FineTuningSetName[];

/** A set as JSONL text, one row a line; a `UserError` for an unknown name. */
export function fineTuningSetJsonl(name: string, seed: number | string): string {
  const { rows }: FineTuningSet = pick<FineTuningSet>(fineTuningSets, name, "fine-tuning set");
  return rows(seed)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join("");
}
