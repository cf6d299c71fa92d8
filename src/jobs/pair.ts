/** The tuned model that is audited: base and adapter, or a whole model of its own. */
import { basename } from "node:path";
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import type { ModelIdentity } from "../records/index.ts";
import { adapterFault, adapterSha256, needsFolding, readPeft } from "../training/index.ts";
import { foldedModel } from "./folded.ts";
import { asLanguageModel, openModel } from "./open.ts";
import type { Part } from "./part.ts";

export interface Pair {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly identity: ModelIdentity;
  /** Null for a whole model. */
  readonly adapter: Adapter | null;
}

export async function openAdapterPair(part: Part, adapterFolder: string): Promise<Pair> {
  const { model, engine } = part;
  if (await needsFolding(adapterFolder)) return foldedPair(part, adapterFolder);
  const adapter = await readPeft(adapterFolder, model.source.definition);
  const fault = adapterFault(adapter);
  if (fault)
    throw new UserError(`adapter ${adapterFolder}`, {
      expected: "an adapter that changes the model",
      got: fault,
      fix: "give the adapter of a finished training",
    });
  const base = asLanguageModel(model, engine, adapter);
  const sha256 = await adapterSha256(adapterFolder);
  const identity = { ...model.identity, name: `${model.identity.name} + ${basename(adapterFolder)}`, sha256 };
  return { base, tuned: await base.withAdapter(adapter), identity, adapter };
}

async function foldedPair({ model, engine }: Part, adapterFolder: string): Promise<Pair> {
  const tuned = await foldedModel(model, adapterFolder);
  return {
    base: asLanguageModel(model, engine, null),
    tuned: asLanguageModel(tuned, engine, null),
    identity: tuned.identity,
    adapter: null,
  };
}

export async function openWholePair(part: Part, reference: string): Promise<Pair> {
  const tuned = await openModel(reference);
  const base = part.model.identity;
  if (tuned.source.definition.dimensions.dVocab !== part.model.source.definition.dimensions.dVocab) {
    throw new UserError(`model ${reference}`, {
      expected: `the vocabulary of ${base.name}`,
      got: "another one",
      fix: "give the base that it was tuned from",
    });
  }
  if (tuned.identity.sha256 === base.sha256) {
    throw new UserError(`model ${reference}`, {
      expected: "a tuned model",
      got: "the base itself",
      fix: "give the tuned model's folder",
    });
  }
  return {
    base: asLanguageModel(part.model, part.engine, null),
    tuned: asLanguageModel(tuned, part.engine, null),
    identity: tuned.identity,
    adapter: null,
  };
}
