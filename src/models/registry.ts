import { UserError } from "../core/index.ts";
import type { ModelDefinition } from "./definition.ts";
import { gemma3, gemma3Vision } from "./gemma3.ts";
import { gpt2 } from "./gpt2.ts";
import { llama } from "./llama.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";

type Build = (config: Readonly<Record<string, unknown>>, model: string) => ModelDefinition;

/** `model_type` of a Hugging Face config → family. */
const families: Readonly<Record<string, Build>> = {
  gemma3: gemma3Vision,
  gemma3_text: gemma3,
  gpt2,
  llama,
  qwen2,
  qwen3,
};

/** The definition of the model whose `config.json` this is. */
export function defineModel(config: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const type = typeof config.model_type === "string" ? config.model_type : "";
  const build = Object.hasOwn(families, type) ? families[type] : undefined;
  if (build) return build(config, model);
  throw new UserError(`${model}: config.json model_type`, {
    expected: `one of ${Object.keys(families).join(", ")}`,
    got: JSON.stringify(config.model_type) ?? "nothing",
    fix: "use a checkpoint of a supported family",
  });
}
