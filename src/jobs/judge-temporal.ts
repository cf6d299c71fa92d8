/** A temporal autoencoder judged on base, tuned model and user data. */
import { checkPlaceFits, openTemporal, resolveDictionary, temporalFidelity } from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { TemporalEval } from "../records/index.ts";
import type { CoderEvalRequest } from "./judge-coder.ts";

type Quality = TemporalEval["quality"][number];

export async function judgeTemporal(request: Omit<CoderEvalRequest, "hook">): Promise<TemporalEval> {
  const { base, tuned, text, data } = request;
  const folder = await resolveDictionary(request.folder);
  const coder = await openTemporal(folder);
  const { hook, dModel, nLatents } = coder;
  const words = `temporal autoencoder at ${hook}, ${dModel} to ${nLatents}`;
  checkPlaceFits({ hook, width: dModel, words }, base.model.source.definition, `dictionary ${folder}`);
  const judge = async (on: Quality["text"], model: LanguageModel, sequences: readonly ReadSequence[]) => {
    const onDone = (step: number, total: number) => request.onProgress?.({ task: `fidelity ${on}`, step, total });
    const ask = request.signal ? { signal: request.signal } : {};
    return { text: on, ...(await temporalFidelity({ model, coder, sequences, onDone, ...ask })) };
  };
  const quality: Quality[] = [await judge("base", base.model, text)];
  if (tuned) quality.push(await judge("tuned", tuned.model, text));
  if (data) quality.push(await judge("data", base.model, data));
  const about = { schemaVersion: 1, architecture: "temporal", hook, nLatents } as const;
  return { ...about, model: base.identity, tuned: tuned?.identity ?? null, quality };
}
