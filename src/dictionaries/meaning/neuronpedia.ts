/**
 * Neuronpedia's public export, in and out: a folder per source with `features/batch-N.jsonl.gz`,
 * `activations/batch-N.jsonl.gz` and `explanations/batch-N.jsonl.gz`, 1,024 latents to a batch (v1). Keys are theirs, letter
 * for letter; keys that are not read here are left alone.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { UserError } from "../../core/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import { mkdirFor } from "../formats/write.ts";

const BATCH = 1024;
const MAX_FILE_BYTES = 2 ** 28;
const MAX_TEXT_BYTES = 2 ** 30;

/** Theirs is a string. */
const Index = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,9}$/)]).transform(Number);
const numbers = z.array(z.number()).default([]);
const words = z.array(z.string()).default([]);

const Feature = z.looseObject({
  index: Index,
  frac_nonzero: z.number().nullish(),
  maxActApprox: z.number().nullish(),
  topkCosSimIndices: z.array(z.number().int().nonnegative()).default([]),
  topkCosSimValues: numbers,
  freq_hist_data_bar_heights: numbers,
  freq_hist_data_bar_values: numbers,
  pos_str: words,
  pos_values: numbers,
  neg_str: words,
  neg_values: numbers,
});
const Activation = z.looseObject({
  index: Index,
  tokens: z.array(z.string()),
  values: z.array(z.number()),
  maxValue: z.number(),
  maxValueTokenIndex: z.number().int().nonnegative(),
  /** Of those that were drawn from an interval of the activations, not for being strong. */
  binMin: z.number().nullish(),
  binMax: z.number().nullish(),
});
const Explanation = z.looseObject({
  index: Index,
  description: z.string(),
  typeName: z.string().nullish(),
  explanationModelName: z.string().nullish(),
  scores: z.array(z.looseObject({ value: z.number(), explanationScoreTypeName: z.string().nullish() })).nullish(),
});

export interface LatentMeaning {
  readonly latent: number;
  /** Share of tokens on which it fires; null where not told. */
  readonly firingRate: number | null;
  /** Tokens on which it fires and texts that hold them, of how many tokens; null where not told. */
  readonly fired: { readonly tokens: number; readonly texts: number; readonly of: number } | null;
  readonly maxActivation: number | null;
  /** Logits, less the mean over the vocabulary. */
  readonly promotes: readonly { readonly token: string; readonly value: number }[];
  readonly suppresses: readonly { readonly token: string; readonly value: number }[];
  /** What one in twenty random directions of the same length promotes most, as much as that; null where not measured. */
  readonly chance: number | null;
  /** Strongest first. */
  readonly contexts: readonly ShownContext[];
  /** From over its whole range, drawn without regard to strength; strongest first. */
  readonly spread: readonly ShownContext[];
  /** Activations where it fires: `counts[i]` of them around `values[i]`; null where not told. */
  readonly histogram: { readonly counts: readonly number[]; readonly values: readonly number[] } | null;
  /** Latents of the same dictionary that write in the most similar directions. */
  readonly nearest: readonly { readonly latent: number; readonly cosine: number }[];
  readonly labels: readonly Label[];
}

/** `values[t]` is the activation on `tokens[t]`; `texts` are the same up to the strongest token. */
export interface ShownContext {
  readonly tokens: readonly string[];
  readonly values: readonly number[];
  readonly texts: number;
}

export interface Label {
  readonly text: string;
  /** How it was made (`oai_token-act-pair`, `penumbra-contexts`, …), and by which model. */
  readonly method: string | null;
  readonly by: string | null;
  /** How well it foretells, and by which measure; null where nobody measured. */
  readonly score: { readonly value: number; readonly type: string | null } | null;
}

/** By latent. Parts that the folder does not have are left out. */
export async function readNeuronpedia(folder: string): Promise<Map<number, LatentMeaning>> {
  const features = await readLines(folder, "features", Feature);
  const activations = await readLines(folder, "activations", Activation);
  const explanations = await readLines(folder, "explanations", Explanation);
  if (features.length + activations.length + explanations.length === 0)
    throw new UserError(`folder ${folder}`, {
      expected: "features, activations or explanations with batch-N.jsonl.gz (Neuronpedia's export)",
      got: "none",
      fix: "check the path",
    });
  const meanings = new Map<number, Growing>();
  const of = (latent: number): Growing => {
    const known = meanings.get(latent) ?? emptyMeaning(latent);
    meanings.set(latent, known);
    return known;
  };
  for (const { index, frac_nonzero, maxActApprox, ...rest } of features)
    Object.assign(of(index), {
      firingRate: frac_nonzero ?? null,
      maxActivation: maxActApprox ?? null,
      promotes: paired(rest.pos_str, rest.pos_values),
      suppresses: paired(rest.neg_str, rest.neg_values),
      histogram: histogramOf(rest.freq_hist_data_bar_heights, rest.freq_hist_data_bar_values),
      nearest: rest.topkCosSimIndices
        .slice(0, rest.topkCosSimValues.length)
        .map((latent, i) => ({ latent, cosine: rest.topkCosSimValues[i] as number })),
    });
  for (const { index, tokens, values, binMax } of activations.sort((a, b) => b.maxValue - a.maxValue)) {
    const part = typeof binMax === "number" ? "spread" : "contexts";
    of(index)[part] = [...of(index)[part], { tokens, values, texts: 1 }];
  }
  for (const row of explanations) of(row.index).labels = [...of(row.index).labels, labelOf(row)];
  return meanings;
}

type Growing = { -readonly [K in keyof LatentMeaning]: LatentMeaning[K] };

function emptyMeaning(latent: number): Growing {
  const none = { firingRate: null, fired: null, maxActivation: null, chance: null };
  const lists = { promotes: [], suppresses: [], contexts: [], spread: [], nearest: [], labels: [] };
  return { latent, ...none, ...lists, histogram: null };
}

function labelOf({ description, typeName, explanationModelName, scores }: z.infer<typeof Explanation>): Label {
  const [first] = scores ?? [];
  const score = first ? { value: first.value, type: first.explanationScoreTypeName ?? null } : null;
  return { text: description, method: typeName ?? null, by: explanationModelName ?? null, score };
}

function histogramOf(counts: readonly number[], values: readonly number[]): LatentMeaning["histogram"] {
  return counts.length === 0 || counts.length !== values.length ? null : { counts, values };
}

function paired(tokens: readonly string[], values: readonly number[]) {
  return tokens.slice(0, values.length).map((token, i) => ({ token, value: values[i] as number }));
}

async function readLines<T>(folder: string, part: string, schema: z.ZodType<T>): Promise<T[]> {
  const names = await readdir(join(folder, part)).catch((): string[] => []);
  const rows: T[] = [];
  for (const name of names.filter((each) => /^batch-\d+\.jsonl(\.gz)?$/.test(each)).sort()) {
    const file = join(folder, part, name);
    const text = await textOf(file);
    for (const [at, line] of text.split("\n").entries())
      if (line.trim() !== "") rows.push(rowOf(file, at, line, schema));
  }
  return rows;
}

async function textOf(file: string): Promise<string> {
  const { size } = await stat(file);
  const broken = (expected: string, got: string) =>
    new UserError(`file ${file}`, { expected, got, fix: "download the export again" });
  if (size > MAX_FILE_BYTES) throw broken("at most 256 MiB", `${size} bytes`);
  const bytes = await readFile(file);
  if (!file.endsWith(".gz")) return bytes.toString("utf8");
  const inflated = await promisify(gunzip)(bytes, { maxOutputLength: MAX_TEXT_BYTES }).catch(() => null);
  if (inflated === null) throw broken("gzip of at most 1 GiB of text", "other data");
  return inflated.toString("utf8");
}

function rowOf<T>(file: string, at: number, line: string, schema: z.ZodType<T>): T {
  const fault = (got: string) =>
    new UserError(`${file} line ${at + 1}`, {
      expected: "a line of Neuronpedia's export",
      got,
      fix: "download it again",
    });
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw fault("no JSON");
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw fault(`${issue?.path.join(".")}: ${issue?.message}`);
}

export interface NeuronpediaSource {
  readonly modelId: string;
  /** For example `2-mlp-transcoder`: what Neuronpedia calls layer. */
  readonly sourceId: string;
}

/** Writes the three parts, batch by batch. */
export async function writeNeuronpedia(
  folder: string,
  { modelId, sourceId }: NeuronpediaSource,
  meanings: Iterable<LatentMeaning>,
): Promise<void> {
  const parts = { features: new Lines(), activations: new Lines(), explanations: new Lines() };
  for (const meaning of meanings) {
    const key = { modelId, layer: sourceId, index: String(meaning.latent) };
    parts.features.add(meaning.latent, { ...key, ...featureOf(meaning) });
    const id = (i: number) => `${modelId}-${sourceId}-${meaning.latent}-${i}`;
    const bin = { binMin: 0, binMax: meaning.maxActivation ?? 0 };
    const contexts = [
      ...meaning.contexts.map(activationOf),
      ...meaning.spread.map((context) => ({ ...activationOf(context), ...bin })),
    ];
    for (const [i, context] of contexts.entries())
      parts.activations.add(meaning.latent, { id: id(i), ...key, ...context });
    for (const [i, label] of meaning.labels.entries())
      parts.explanations.add(meaning.latent, { id: id(i), ...key, ...explanationOf(label, id(i)) });
  }
  for (const [part, lines] of Object.entries(parts)) {
    await mkdirFor(join(folder, part));
    for (const [batch, text] of lines.batches)
      await atomicWriteFile(join(folder, part, `batch-${batch}.jsonl.gz`), await promisify(gzip)(Buffer.from(text)));
  }
}

class Lines {
  readonly batches = new Map<number, string>();

  add(latent: number, row: object): void {
    const batch = Math.floor(latent / BATCH);
    this.batches.set(batch, `${this.batches.get(batch) ?? ""}${JSON.stringify(row)}\n`);
  }
}

/** What their table demands is always there: `frac_nonzero`, `minValue`. */
function featureOf({ firingRate, maxActivation, promotes, suppresses, histogram, nearest }: LatentMeaning) {
  return {
    frac_nonzero: firingRate ?? 0,
    maxActApprox: maxActivation ?? 0,
    topkCosSimIndices: nearest.map(({ latent }) => latent),
    topkCosSimValues: nearest.map(({ cosine }) => cosine),
    freq_hist_data_bar_heights: histogram?.counts ?? [],
    freq_hist_data_bar_values: histogram?.values ?? [],
    pos_str: promotes.map(({ token }) => token),
    pos_values: promotes.map(({ value }) => value),
    neg_str: suppresses.map(({ token }) => token),
    neg_values: suppresses.map(({ value }) => value),
  };
}

function activationOf({ tokens, values }: ShownContext) {
  const at = values.reduce((best, value, t) => (value > (values[best] as number) ? t : best), 0);
  const minValue = values.reduce((least, value) => Math.min(least, value), values[at] ?? 0);
  return { tokens, values, maxValue: values[at] ?? 0, maxValueTokenIndex: at, minValue };
}

function explanationOf({ text, method, by, score }: Label, explanationId: string) {
  const scores = score && [
    {
      id: `${explanationId}-score`,
      explanationId,
      value: score.value,
      explanationScoreTypeName: score.type,
      explanationScoreModelName: by,
      jsonDetails: "",
    },
  ];
  return { description: text, typeName: method, explanationModelName: by, scores: scores ?? [] };
}
