import type { ForecastRecord, GeometryRecord } from "../records/index.ts";
import { shorten } from "./escape.ts";

const [TITLE, NAME, WHY, TOKEN] = [100, 80, 800, 40];

/** Names and sentences come from files of the user's and may be of any length; a table can show so much of them. */
export function trimForecast(record: ForecastRecord): ForecastRecord {
  return {
    ...record,
    base: { ...record.base, name: shorten(record.base.name, NAME) },
    data: { ...record.data, name: shorten(record.data.name, NAME) },
    control: record.control && { ...record.control, what: shorten(record.control.what, WHY) },
    settings: {
      ...record.settings,
      dictionaryHook: record.settings.dictionaryHook && shorten(record.settings.dictionaryHook, NAME),
    },
    behaviours: record.behaviours.map((b) => ({
      ...b,
      title: shorten(b.title, TITLE),
      meanDifference: b.meanDifference && { ...b.meanDifference, hook: shorten(b.meanDifference.hook, NAME) },
    })),
  };
}

export function trimGeometry(record: GeometryRecord): GeometryRecord {
  const { dictionary, lens, weights } = record;
  return {
    ...record,
    dictionary: dictionary && {
      ...dictionary,
      name: shorten(dictionary.name, NAME),
      hook: shorten(dictionary.hook, NAME),
    },
    latents: record.latents.map((card) => ({
      ...card,
      contexts: card.contexts.map((context) => ({ ...context, tokens: context.tokens.map((t) => shorten(t, TOKEN)) })),
    })),
    behaviours: record.behaviours.map((b) => ({
      ...b,
      title: shorten(b.title, TITLE),
      mechanism: b.mechanism && {
        ...b.mechanism,
        why: shorten(b.mechanism.why, WHY),
        steering: b.mechanism.steering && { ...b.mechanism.steering, hook: shorten(b.mechanism.steering.hook, NAME) },
      },
    })),
    weights: weights?.map((one) => ({ ...one, module: shorten(one.module, NAME) })) ?? null,
    lens: lens && { ...lens, layers: lens.layers.map((layer) => ({ ...layer, hook: shorten(layer.hook, NAME) })) },
  };
}
