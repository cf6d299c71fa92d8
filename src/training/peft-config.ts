/** `adapter_config.json` of PEFT: what we read of it, what we refuse, what we write. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { must, UserError } from "../core/index.ts";
import { type Adapter, type ModelDefinition, moduleInFiles, rankOf } from "../models/index.ts";

/** Other keys that change the model are refused below; the rest speaks of training. */
const PeftConfig = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.number().int().positive().max(65_536),
  lora_alpha: z.number(),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
  bias: z.string().default("none"),
  lora_bias: z.boolean().default(false),
  rank_pattern: z.record(z.string(), z.number().int().positive().max(65_536)).nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});
export type PeftConfig = z.infer<typeof PeftConfig>;

/** For graphs, or for folding into the base (`foldPeft`), which takes more forms. */
export async function readPeftConfig(folder: string, use: "applied" | "folded" = "applied"): Promise<PeftConfig> {
  const path = join(folder, "adapter_config.json");
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(folder, {
      expected: "a PEFT adapter (adapter_config.json)",
      got: "no such file",
      fix: "give the folder that holds adapter_config.json",
    });
  });
  const parsed = PeftConfig.safeParse(parseJson(path, text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(path, {
      expected: "a LoRA configuration of PEFT",
      got: `${issue?.path.join(".")}: ${issue?.message}`,
      fix: "give a LoRA adapter",
    });
  }
  refuseVariants(path, parsed.data);
  if (use === "applied" && isForFolding(parsed.data)) {
    const saved = (parsed.data.modules_to_save ?? []).join(", ");
    throw unsupported(path, saved === "" ? "trained biases" : `modules_to_save ${saved}`);
  }
  return parsed.data;
}

/** Does it change more than matrices of linear layers? Its file may say so too (embeddings, the head). */
export function isForFolding({ bias, lora_bias, modules_to_save }: PeftConfig): boolean {
  return bias !== "none" || lora_bias || (modules_to_save ?? []).length > 0;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(path, { expected: "JSON", got: "something else", fix: "save the adapter again" });
  }
}

/** Keys of variants that change the forward pass in ways of their own. */
const variants = [
  "alora_invocation_tokens",
  "arrow_config",
  "kasa_config",
  "layer_replication",
  "monteclora_config",
  "target_parameters",
  "trainable_token_indices",
  "use_bdlora",
  "use_qalora",
  "velora_config",
];

function unsupported(path: string, what: string): UserError {
  return new UserError(path, {
    expected: "LoRA, rank-stabilised LoRA or DoRA of linear layers",
    got: what,
    fix: "merge the adapter into its base and give the merged folder",
  });
}

function refuseVariants(path: string, config: PeftConfig): void {
  const variant = variants.find((key) => ![undefined, null, false].includes(config[key] as null));
  if (variant !== undefined) throw unsupported(path, variant);
  refuseChangedBase(path, config.init_lora_weights ?? true);
}

/** How `init_lora_weights` may read where A and B hold all that was learnt: the base was left as it is. */
const plainStarts: readonly string[] = ["gaussian", "eva", "orthogonal", "mica"];
/** These take a part of W out of the base when the adapter is made, and all but LoRA-GA do so again on load. */
const convertible = /^(pissa|corda|olora|lora_ga)/;

/**
 * PEFT's starts that change the base (`*_init` in its tuners/lora/layer.py; LoftQ quantises it): such A and B are to be
 * added to that base, and beside the one that the user has they are another model.
 */
function refuseChangedBase(path: string, start: boolean | string): void {
  const name = String(start).toLowerCase();
  if (typeof start === "boolean" || plainStarts.includes(name)) return;
  const known = convertible.test(name) || name === "loftq";
  throw new UserError(path, {
    expected: `init_lora_weights that leaves the base as it is (true, false, ${plainStarts.join(", ")})`,
    got: `${start}, ${known ? "whose A and B belong to a base that PEFT changes" : "which is none that we know"}`,
    fix: convertible.test(name)
      ? "where it was trained, convert it to plain LoRA: PEFT's save_pretrained with path_initial_model_for_weight_conversion"
      : "merge the adapter into the base that it was trained on and give the merged folder",
  });
}

/** The config of `adapter` as PEFT writes it for a finished training. */
export function peftConfig(adapter: Adapter, definition: ModelDefinition, baseName: string): object {
  const { rank, alpha, rslora = false, magnitudes = false } = adapter;
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: baseName,
    revision: null,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: definition.linears.some(({ transposed }) => transposed),
    use_rslora: rslora,
    use_dora: magnitudes,
    init_lora_weights: true,
    target_modules: targetModules(adapter, definition),
    exclude_modules: null,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    lora_bias: false,
    ...patterns(adapter, definition),
  };
}

/** Last parts of paths where these name the adapter's modules and no other; whole paths elsewhere. */
function targetModules({ modules }: Adapter, definition: ModelDefinition): string[] {
  const lastPart = (module: string) => must(module.split(".").at(-1), "a module name");
  const parts = new Set([...modules.keys()].map(lastPart));
  const exact = definition.linears.every(({ module }) => modules.has(module) === parts.has(lastPart(module)));
  const names = exact ? [...parts] : [...modules.keys()].map((module) => moduleInFiles(module, definition));
  return names.sort();
}

/** A pattern for each module whose rank or alpha is its own: its whole path, with the dots meant as dots. */
function patterns(adapter: Adapter, definition: ModelDefinition): { rank_pattern: object; alpha_pattern: object } {
  const differ = (key: "rank" | "alpha") =>
    Object.fromEntries(
      [...adapter.modules].flatMap(([module, values]) => {
        const own = rankOf(adapter, values)[key];
        return own === adapter[key] ? [] : [[moduleInFiles(module, definition).replaceAll(".", "\\."), own]];
      }),
    );
  return { rank_pattern: differ("rank"), alpha_pattern: differ("alpha") };
}
