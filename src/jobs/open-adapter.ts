/** A model with a PEFT adapter of its, of whatever form, and what records call it. */
import { basename } from "node:path";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import type { ModelIdentity } from "../records/index.ts";
import { adapterSha256, needsFolding, readPeft } from "../training/index.ts";
import { foldedModel } from "./folded.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";

export interface OpenedAdapter {
  /** What was opened, or the checkpoint that the adapter was folded into. */
  readonly opened: OpenedModel;
  readonly model: LanguageModel;
  readonly identity: ModelIdentity;
  /** Null where it was folded. */
  readonly adapter: Adapter | null;
}

export async function openAdapter(opened: OpenedModel, engine: Engine, folder: string): Promise<OpenedAdapter> {
  if (await needsFolding(folder)) {
    const folded = await foldedModel(opened, folder);
    return { opened: folded, model: asLanguageModel(folded, engine, null), identity: folded.identity, adapter: null };
  }
  const adapter = await readPeft(folder, opened.source.definition);
  const model = await asLanguageModel(opened, engine, adapter).withAdapter(adapter);
  const name = `${opened.identity.name} + ${basename(folder)}`;
  return { opened, model, identity: { ...opened.identity, name, sha256: await adapterSha256(folder) }, adapter };
}
