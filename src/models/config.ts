import { UserError } from "../core/index.ts";

/** A model's `config.json`, read key by key with the user's mistakes named. */
export interface ConfigReader {
  readonly model: string;
  number(key: string, fallback?: number): number;
  /** Above 0. */
  positive(key: string, fallback?: number): number;
  /** A whole number from 1 to 2²⁴, or to `largest`: sizes and counts. */
  count(key: string, fallback?: number, largest?: number): number;
  boolean(key: string, fallback: boolean): boolean;
  raw(key: string): unknown;
  /** Throws where the key is there with a value that we do not implement. */
  only(key: string, allowed: readonly unknown[]): void;
  /** Keys that change nothing of what we compute. */
  ignore(keys: readonly string[]): void;
  /** Throws where a key has a value and nobody has asked for it: it may mean another model than the one we build. */
  finish(): void;
}

/** Keys of every family that say nothing of the forward pass, or speak to other programs. */
const harmless: readonly string[] = [
  "architectures",
  "model_type",
  "torch_dtype",
  "dtype",
  "transformers_version",
  "transformers.js_config",
  "_name_or_path",
  "_attn_implementation",
  "_attn_implementation_autoset",
  "attn_implementation",
  "tokenizer_class",
  "initializer_range",
  "use_cache",
  "cache_implementation",
  "bos_token_id",
  "eos_token_id",
  "pad_token_id",
  "unk_token_id",
  "attention_dropout",
  "pretraining_tp",
  "is_llama_config",
  "unsloth_fixed",
  "unsloth_version",
  "output_attentions",
  "output_hidden_states",
  "return_dict",
  "id2label",
  "label2id",
  "task_specific_params",
  "generation_config",
];

const LARGEST_COUNT = 2 ** 24;
/** Blocks of a model: a graph is built block by block, so a giant count would never end. */
export const LARGEST_DEPTH = 1024;
/** Of a head: each of its frequencies is a number in the graph. */
export const LARGEST_HEAD = 2 ** 16;

export function configReader(config: Readonly<Record<string, unknown>>, model: string): ConfigReader {
  const asked = new Set(harmless);
  const read = (key: string) => {
    asked.add(key);
    return config[key] ?? null;
  };
  const wrong = (key: string, expected: string) =>
    new UserError(`${model}: config.json ${key}`, {
      expected,
      got: JSON.stringify(config[key])?.slice(0, 80) ?? "nothing",
      fix: "repair config.json",
    });
  const number = (key: string, fallback?: number, expected = "a number") => {
    const value = read(key) ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(key, expected);
    return value;
  };
  return {
    model,
    number,
    raw: read,
    only: (key, allowed) => {
      const value = read(key);
      if (value !== null && !allowed.includes(value)) throw wrong(key, allowed.map((each) => `${each}`).join(" or "));
    },
    positive: (key, fallback) => {
      const value = number(key, fallback, "a number above 0");
      if (value <= 0) throw wrong(key, "a number above 0");
      return value;
    },
    count: (key, fallback, largest = LARGEST_COUNT) => {
      const expected = `a whole number from 1 to ${largest}`;
      const value = number(key, fallback, expected);
      if (!Number.isInteger(value) || value < 1 || value > largest) throw wrong(key, expected);
      return value;
    },
    boolean: (key, fallback) => {
      const value = read(key) ?? fallback;
      if (typeof value !== "boolean") throw wrong(key, "true or false");
      return value;
    },
    ignore: (keys) => {
      for (const key of keys) asked.add(key);
    },
    finish: () => {
      const strange = Object.keys(config).find((key) => !asked.has(key) && (config[key] ?? null) !== null);
      if (strange !== undefined) throw wrong(strange, "keys of its family only");
    },
  };
}
