/** The tuned model that is audited: base and adapter, or a whole model of its own. */
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import type { ModelIdentity } from "../records/index.ts";
import { adapterFault } from "../training/index.ts";
import { asLanguageModel, openModel } from "./open.ts";
import { openAdapter } from "./open-adapter.ts";
import type { Part } from "./part.ts";

export interface Pair {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly identity: ModelIdentity;
  /** Null for a whole model. */
  readonly adapter: Adapter | null;
}

export async function openAdapterPair({ model, engine }: Part, adapterFolder: string): Promise<Pair> {
  const { model: tuned, identity, adapter } = await openAdapter(model, engine, adapterFolder);
  const fault = adapter && adapterFault(adapter);
  if (fault)
    throw new UserError(`adapter ${adapterFolder}`, {
      expected: "an adapter that changes the model",
      got: fault,
      fix: "give the adapter of a finished training",
    });
  // Of the tuned model's own graphs, so that they are built once.
  const base = adapter ? await tuned.withAdapter(null) : asLanguageModel(model, engine, null);
  return { base, tuned, identity, adapter };
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
