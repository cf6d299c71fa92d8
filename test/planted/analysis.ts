/** The whole analysis of a planted model, as a run does it: what is known of the base, of the data, and interventions. */

import { type Spillovers, spillovers } from "../../src/audit/forecast/spillovers.ts";
import { type DataSide, dataSide, type PreparedBase, pairedRows, prepareBase } from "../../src/audit/index.ts";
import { mechanisms } from "../../src/audit/mechanism/index.ts";
import { mechanismRequest } from "../../src/audit/mechanism-request.ts";
import { must } from "../../src/core/index.ts";
import { encodeRow } from "../../src/data/index.ts";
import { type Engine, languageModel } from "../../src/engine/index.ts";
import type { Mechanism } from "../../src/records/index.ts";
import { type Planted, plantedModel } from "./planted.ts";
import type { Topic } from "./vocabulary.ts";

export interface Analysis {
  readonly planted: Planted;
  readonly prepared: PreparedBase;
  readonly side: DataSide;
  readonly mechanism: Readonly<Record<Topic, Mechanism>>;
}

/** With the planted dictionary, or from mean differences alone. */
export async function analysed(
  engine: Engine,
  {
    seed,
    folder,
    withDictionary,
  }: { readonly seed: number; readonly folder: string; readonly withDictionary: boolean },
): Promise<Analysis> {
  const planted = await plantedModel(seed, folder);
  const { source, tokenizer, behaviours } = planted;
  const base = languageModel({ engine, source, tokenizer, adapterRank: 1 });
  const tuned = await base.withAdapter(planted.adapter);
  const dictionary = withDictionary ? planted.dictionary : null;
  const all = Object.values(behaviours);
  const prepared = await prepareBase(base, all, dictionary);
  const rows = planted.rows.map((row) => encodeRow(row, tokenizer, { maxLength: 64 }));
  const paired = must(await pairedRows({ base, rows, seed }), "rows with prompts");
  const side = await dataSide({ base, paired, dictionary });
  const spills =
    dictionary && prepared.latents && side.latents
      ? spillovers({ dictionary, data: side.latents, ...prepared.latents, draws: 99, seed })
      : new Map<string, Spillovers>();
  const request = mechanismRequest(
    {
      base,
      tuned,
      prepared,
      side,
      sharedWeights: new Map([...spills].map(([id, { sharedWeight }]) => [id, sharedWeight])),
      consistent: new Set(),
      measured: new Map(),
      neutral: neutralTurns(planted),
      seed,
    },
    dictionary,
    all,
  );
  const found = await mechanisms(request);
  const of = (topic: Topic) => must(found.get(behaviours[topic].id), topic);
  return { planted, prepared, side, mechanism: { task: of("task"), A: of("A"), B: of("B"), C: of("C") } };
}

/**
 * Turns of a topic that lies at a right angle to what the data teach, answered as the base does. Turns of the task would
 * not be neutral: to push its feature is to make them less likely.
 */
function neutralTurns({ behaviours, tokenizer }: Planted): number[][] {
  return behaviours.C.pairs.map(({ messages, other }) => {
    const turns = [...messages, { role: "assistant", content: other } as const];
    return [...tokenizer.encodeChat(turns, { addGenerationPrompt: false })];
  });
}
