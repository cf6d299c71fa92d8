import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { AuditRecord } from "../../records/index.ts";
import { hashJson } from "../../store/index.ts";
import { type AuditRequest, audit } from "../audit.ts";
import { itemFilesOf } from "../item-files.ts";
import type { Pair } from "../pair.ts";
import { machine, type Part, stage } from "../part.ts";
import { knownSensitivity } from "../positive-control.ts";
import { taskBehaviours } from "../task.ts";

/** What else was trained and scored beside the adapter that is audited. */
export type Compared = Pick<AuditRequest, "otherSeeds" | "controls">;
const ALONE: Compared = { otherSeeds: [], controls: [] };

/** Behaviours, drift and answers of both models: `audit.json` and `evidence/`. */
export async function auditStage(
  part: Part,
  { base, tuned, identity }: Pair,
  compared: Compared = ALONE,
): Promise<AuditRecord> {
  const { config, model, data, engine, options, behaviours } = part;
  const inTask = data ? await taskBehaviours(model, config) : config.task === "auto" ? [] : config.task;
  const { margin, alpha, seed, looks, answerTokens } = config;
  const sensitivity = await knownSensitivity(part);
  const files = await itemFilesOf(config);
  const inputs = {
    base: model.identity.sha256,
    tuned: identity.sha256,
    behaviours: behaviours.map(({ label: _, ...data }) => data),
    inTask,
    margin,
    alpha,
    seed,
    looks,
    answerTokens,
    sensitivity: [...sensitivity],
    compared: hashJson(compared),
    ...files,
    machine: machine(engine),
  };
  await stage(part, "audit", inputs, async ({ folder }) => {
    const about = data ? { name: basename(config.data), sha256: data.sha256, rows: data.rows } : null;
    const { outputs } = await audit({
      engine,
      base,
      tuned,
      identities: { base: model.identity, tuned: identity },
      behaviours,
      prepared: await part.prepared(),
      inTask,
      sensitivity,
      ...compared,
      ...files,
      data: about,
      config,
      folder,
      ...options,
    });
    return { outputs };
  });
  return AuditRecord.parse(JSON.parse(await readFile(join(config.out, "audit.json"), "utf8")));
}
