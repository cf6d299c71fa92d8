import { basename } from "node:path";
import { type ControlScores, isTaskMatched, LEAST_SEEDS, ownAnswers } from "../../audit/index.ts";
import type { BehaviourScores } from "../../behaviours/index.ts";
import { UserError } from "../../core/index.ts";
import { hashFile, hashJson } from "../../store/index.ts";
import { trainedBeside } from "../beside.ts";
import { type Config, SELF } from "../config.ts";
import type { Part } from "../part.ts";
import { rowTexts } from "../row-texts.ts";
import { type Examples, examplesOf, refuseFaults, validate } from "../validate.ts";
import { seedsOf } from "./seed-stages.ts";
import { existing } from "./validate-stage.ts";

/** Longest answer of the base to a prompt of the data, in tokens. */
const ANSWER_TOKENS = 128;

/** A control is found missing before the training, not after it. */
export async function existingControls({ controls, train }: Pick<Config, "controls" | "train">): Promise<void> {
  if (train.objective === "dpo" && controls.includes(SELF))
    throw new UserError(`controls: ${SELF}`, {
      expected: "a file of preference pairs where train.objective is dpo",
      got: "the base's own answers, of which none is preferred",
      fix: "name a file of pairs, or leave it out",
    });
  for (const control of controls) if (control !== SELF) await existing(control);
}

/** Every control trained as the data were, `controls/<n>-<seed>/`, and its scores; with each seed for a data set's claim. */
export async function controlStages(part: Part): Promise<ControlScores[]> {
  const { config } = part;
  const seeds = config.seeds >= LEAST_SEEDS ? seedsOf(config) : [config.seed];
  const found: ControlScores[] = [];
  for (const [n, control] of config.controls.entries()) {
    const source = control === SELF ? selfControl(part) : await fileControl(part, control);
    const bySeed: (readonly BehaviourScores[])[] = [];
    for (const seed of seeds)
      bySeed.push(await trainedBeside(part, { name: `controls/${n + 1}-${seed}`, seed, ...source.trained(seed) }));
    found.push({ name: source.name, kind: source.kind, bySeed });
  }
  return found;
}

interface Source extends Pick<ControlScores, "name" | "kind"> {
  /** What is trained on with a seed. */
  readonly trained: (seed: number) => {
    readonly dataSha256: string;
    readonly examples: () => Promise<Examples>;
  };
}

/** The base's own sampled answers to the data's prompts, new ones for each seed. */
function selfControl({ base, data, examples, options }: Part): Source {
  const rows = async (seed: number) => {
    const { rows: asked } = await examples();
    const ask = { seed, most: asked.length, maxNewTokens: ANSWER_TOKENS };
    const answered = await ownAnswers(base, asked, { ...ask, ...(options.signal ? { signal: options.signal } : {}) });
    if (answered) return answered.control;
    throw new UserError(`controls: ${SELF}`, {
      expected: "rows with prompts that the base can answer",
      got: "text without prompts",
      fix: `leave ${SELF} out`,
    });
  };
  const trained = (seed: number) => ({
    dataSha256: hashJson({ own: data?.sha256, answerTokens: ANSWER_TOKENS, seed }),
    examples: async () => ({ rows: await rows(seed) }),
  });
  return { name: SELF, kind: "self", trained };
}

async function fileControl({ config, model }: Part, file: string): Promise<Source> {
  refuseFaults(await validate(file, model.tokenizer, config.train.maxLength));
  const prompts = async (path: string) => (await rowTexts(path)).map(({ prompt }) => prompt);
  const dataSha256 = await hashFile(file);
  const examples = () => examplesOf(file, model.tokenizer, config.train);
  const matched = isTaskMatched(await prompts(config.data), await prompts(file));
  return { name: basename(file), kind: matched ? "task-matched" : "other", trained: () => ({ dataSha256, examples }) };
}
