/** A fine-tune beside the one that is audited (another seed, a control): trained with the same settings, then scored. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { scoreAll } from "../audit/index.ts";
import type { BehaviourScores } from "../behaviours/index.ts";
import { atomicWriteFile, hashFile } from "../store/index.ts";
import { guardFiles } from "./guard-files.ts";
import { asLanguageModel } from "./open.ts";
import { machine, type Part, stage } from "./part.ts";
import { Scores, writable } from "./prepared.ts";
import { tune } from "./tune.ts";
import { type Examples, heldOutOf } from "./validate.ts";

export interface Beside {
  /** Names the stage and, with slashes, the folder below the run's. */
  readonly name: string;
  readonly seed: number;
  /** sha256 of what is trained on, or what determines it. */
  readonly dataSha256: string;
  readonly examples: () => Promise<Examples>;
}

export async function trainedBeside(part: Part, beside: Beside): Promise<readonly BehaviourScores[]> {
  const { config, model, engine, options, behaviours } = part;
  const { name, seed, dataSha256 } = beside;
  const folder = join(config.out, name);
  const inputs = {
    model: model.identity.sha256,
    dataSha256,
    train: config.train,
    ...(config.guard ? { guard: config.guard } : {}),
    ...(await guardFiles(model, { guard: config.guard })),
    ...(config.validation === null ? {} : { validation: await hashFile(config.validation) }),
    seed,
    behaviours: behaviours.map(({ label: _, ...asked }) => asked),
    machine: machine(engine),
  };
  await stage(part, name.replaceAll("/", "-"), inputs, async ({ key }) => {
    await mkdir(folder, { recursive: true });
    const settings = { ...config, seed, merged: false, monitor: null };
    const examples = await beside.examples();
    const heldOut = await heldOutOf(config, model.tokenizer);
    const request = { engine, model, ...examples, heldOut, dataSha256, config: settings, folder, key, ...options };
    const { adapter } = await tune(request);
    const tuned = await asLanguageModel(model, engine, adapter).withAdapter(adapter);
    const scores = await scoreAll(tuned, behaviours, { task: `score: ${name}`, ...options });
    await atomicWriteFile(join(folder, SCORES), `${JSON.stringify(writable(scores))}\n`);
    return { outputs: [name] };
  });
  return Scores.parse(JSON.parse(await readFile(join(folder, SCORES), "utf8")));
}

const SCORES = "scores.json";
