import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { types } from "node:util";
import { UserError } from "../core/index.ts";
import { type ChatTemplate, compileTemplate, fallbackTemplate, findTemplate } from "./chat-template.ts";
import { type Encoder, makeEncoder } from "./encoder.ts";
import { withinTime } from "./time-limit.ts";
import type { Tokenizer } from "./tokenizer-types.ts";

type Json = Readonly<Record<string, unknown>>;

/** The files beside `config.json` that decide how a model reads text. */
export const tokenizerFileNames: readonly string[] = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
  "chat_template.jinja",
  "chat_template.json",
];

/** The parsed files of a model folder that say how it reads text; null where there is no such file. */
export interface TokenizerFiles {
  readonly tokenizer: Json;
  readonly config: Json;
  readonly modelConfig: Json;
  readonly generationConfig: Json;
  readonly templateJinja: string | null;
  readonly templateJson: Json | null;
}

/** The tokenizer of a model folder (`tokenizer.json` and what stands beside it). `UserError` where there is none. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const tokenizer = await readJson(folder, "tokenizer.json");
  if (!tokenizer) {
    throw new UserError(`tokenizer of ${folder}`, {
      expected: "tokenizer.json",
      got: "no such file",
      fix: "copy tokenizer.json and tokenizer_config.json of the base model there (in Python: tokenizer.save_pretrained)",
    });
  }
  const special = (await readJson(folder, "special_tokens_map.json")) ?? {};
  return makeTokenizer(folder, {
    tokenizer,
    config: { ...special, ...(await readJson(folder, "tokenizer_config.json")) },
    modelConfig: (await readJson(folder, "config.json")) ?? {},
    generationConfig: (await readJson(folder, "generation_config.json")) ?? {},
    templateJinja: await readText(join(folder, "chat_template.jinja")),
    templateJson: await readJson(folder, "chat_template.json"),
  });
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function readJson(folder: string, name: string): Promise<Json | null> {
  const text = await readText(join(folder, name));
  if (text === null) return null;
  const fault = (got: string) =>
    new UserError(join(folder, name), { expected: "a JSON object", got, fix: "download or export the file again" });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fault(error instanceof Error ? error.message : "rubbish");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fault("another value");
  return value as Json;
}

/** A tokenizer from parsed files; `subject` names their place in errors. */
export function makeTokenizer(subject: string, files: TokenizerFiles): Tokenizer {
  const special = specialTokens(files.config);
  const encoder = encoderOf(subject, files, special);
  const vocabulary = encoder.get_vocab();
  const has = (token: string) => vocabulary.has(token);
  const template = templateOf(subject, files, special, has);
  const encode: Tokenizer["encode"] = (text, { addSpecialTokens = false } = {}) =>
    known(
      ofLibrary(subject, () => encoder.encode(text, { add_special_tokens: addSpecialTokens }).ids),
      subject,
    );
  const decoding = { clean_up_tokenization_spaces: false };
  const decode: Tokenizer["decode"] = (ids, { skipSpecialTokens = false } = {}) =>
    ids.length === 0
      ? ""
      : ofLibrary(subject, () => encoder.decode([...ids], { skip_special_tokens: skipSpecialTokens, ...decoding }));
  return {
    vocabSize: [...vocabulary.values()].reduce((top, id) => Math.max(top, id + 1), 0),
    encode,
    decode,
    tokenText: (id) => decode([id]),
    bosId: idOf(vocabulary, special.bos_token) ?? firstId(files.modelConfig.bos_token_id),
    eosIds: eosIdsOf(files, special, vocabulary),
    padId: idOf(vocabulary, special.pad_token) ?? firstId(files.modelConfig.pad_token_id),
    renderChat: (messages, options) => template()(messages, options),
    encodeChat: (messages, options) => encode(template()(messages, options)),
  };
}

function encoderOf(subject: string, files: TokenizerFiles, special: Readonly<Record<string, string>>): Encoder {
  const model = (files.tokenizer.model ?? {}) as { unk_token?: unknown };
  const unknown = special.unk_token ?? (typeof model.unk_token === "string" ? model.unk_token : undefined);
  return ofLibrary(subject, () => makeEncoder(files.tokenizer, { ...files.config, ...special, unk_token: unknown }));
}

/** A megabyte of text takes a second or two. */
const LIMIT_MS = 60_000;

/**
 * What the tokenizers library makes of the files: it believes them, so that whatever it throws is theirs, and their regular
 * expressions may never end.
 */
function ofLibrary<T>(subject: string, work: () => T): T {
  try {
    return withinTime(LIMIT_MS, work);
  } catch (error) {
    throw new UserError(`tokenizer of ${subject}`, {
      expected: "a tokenizer.json that the tokenizers library can use",
      // What a time limit throws is an error of another realm.
      got: (types.isNativeError(error) ? (error.message.split("\n")[0] ?? "") : "rubbish").slice(0, 200),
      fix: "download or export the file again",
    });
  }
}

/** The special tokens that `tokenizer_config.json` names, as text: `{ bos_token: "<s>", ... }`. */
function specialTokens(config: Json): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!/^\w+_token$/.test(key)) continue;
    const text = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (typeof text === "string") out[key] = text;
  }
  return out;
}

/** A library without an unknown token gives `undefined` as id; no such thing may reach a model. */
function known(ids: number[], subject: string): number[] {
  if (ids.every((id) => Number.isInteger(id))) return ids;
  throw new UserError(`tokenizer of ${subject}`, {
    expected: "text whose words are in the vocabulary, for it has no unknown token",
    got: "a word that is not",
    fix: "name an unk_token in tokenizer_config.json, or change the text",
  });
}

function idOf(vocabulary: ReadonlyMap<string, number>, token: string | undefined): number | null {
  return token === undefined ? null : (vocabulary.get(token) ?? null);
}

function idsOf(value: unknown): number[] {
  return (Array.isArray(value) ? value : [value]).filter((id): id is number => Number.isInteger(id));
}

function firstId(value: unknown): number | null {
  return idsOf(value)[0] ?? null;
}

/** Tokens that end a turn or a document in the model families at hand, whatever a model's files say. */
const endTokens = ["<|im_end|>", "<end_of_turn>", "<|eot_id|>", "<|endoftext|>"];

function eosIdsOf(
  files: TokenizerFiles,
  special: Readonly<Record<string, string>>,
  vocabulary: ReadonlyMap<string, number>,
): number[] {
  const own = [special.eos_token, ...endTokens].map((token) => idOf(vocabulary, token));
  const declared = [...idsOf(files.generationConfig.eos_token_id), ...idsOf(files.modelConfig.eos_token_id)];
  const [first, ...others] = own;
  return [...new Set([first, ...declared, ...others].filter((id): id is number => typeof id === "number"))];
}

/** Compiled when first used: many models are used without their template, and some templates do not compile. */
function templateOf(
  subject: string,
  files: TokenizerFiles,
  special: Readonly<Record<string, string>>,
  has: (token: string) => boolean,
): () => ChatTemplate {
  let compiled: ChatTemplate | null = null;
  const compile = () => {
    const sources = { jinja: files.templateJinja, json: files.templateJson, config: files.config };
    const source = findTemplate(sources, `chat template of ${subject}`);
    const template = source === null ? fallbackTemplate(has) : compileTemplate(source, special);
    if (template) return template;
    throw new UserError(`chat template of ${subject}`, {
      expected: "chat_template.jinja, or chat_template in tokenizer_config.json",
      got: "neither, and a vocabulary without known turn markers",
      fix: "put the template in chat_template.jinja, or train on prompt/completion or text rows",
    });
  };
  return () => {
    compiled ??= compile();
    return compiled;
  };
}
