/**
 * What lies beside the weights of a model that was made from a base: the base's config, tokenizer and chat template.
 *
 * The config says float32 whatever it said of the base: transformers' `dtype="auto"` (and who follows it) loads in the
 * type that the config names, and in half precision the small changes of a training are rounded away.
 */
import { copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { atomicWriteFile } from "../store/index.ts";

type Json = Readonly<Record<string, unknown>>;

/** From the base's folder to the tuned model's; `untied`: embedding and head are two tensors from here on. */
export async function writeCompanions(from: string, to: string, { untied = false } = {}): Promise<void> {
  for (const name of await readdir(from)) {
    if (/^(generation_config|tokenizer.*|special_tokens_map|chat_template)\.(json|jinja|model)$/.test(name))
      await copyFile(join(from, name), join(to, name));
    if (name !== "config.json") continue;
    const text = await readFile(join(from, name), "utf8");
    await atomicWriteFile(join(to, name), inFloat32(text, untied ? { tie_word_embeddings: false } : {}));
  }
}

/** The text of a `config.json` with float32 as the type of its weights, those of its `text_config` too, and with `more`. */
export function inFloat32(text: string, more: Json = {}): string {
  const config: Json = JSON.parse(quotedNumbers(text));
  const own = { ...named(config), ...more };
  const type = "torch_dtype" in own || "dtype" in own ? own : { ...own, torch_dtype: "float32" };
  const inner = isObject(config.text_config) ? { text_config: { ...named(config.text_config), ...more } } : {};
  return `${unquotedNumbers(JSON.stringify({ ...type, ...inner }, null, 2))}\n`;
}

/** Under the key that is there: `torch_dtype`, from version 5 of transformers on `dtype`. */
function named(config: Json): Json {
  const keys = ["torch_dtype", "dtype"].filter((key) => key in config);
  return { ...config, ...Object.fromEntries(keys.map((key) => [key, "float32"])) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** 0.0 must not come back as 0: Python's readers of a config tell the two apart. A control character marks a number. */
const MARK = "\\u0000";

function quotedNumbers(json: string): string {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  return json.replace(tokens, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`));
}

function unquotedNumbers(json: string): string {
  return json.replace(/"\\u0000([-+.\deE]+)"/g, "$1");
}
