/** Hook points under the names that other libraries give them. */
import type { HookName } from "../../models/index.ts";
import { fault } from "./folder.ts";

/**
 * Names of TransformerLens that are no hook points here but show the same values: `hook_mlp_in` and `hook_attn_in` are the
 * residual stream on its way into a norm; `mlp.hook_out` is the MLP's output in families without a norm behind it.
 */
const sameValues: Readonly<Record<string, string>> = {
  hook_mlp_in: "hook_resid_mid",
  hook_attn_in: "hook_resid_pre",
  "mlp.hook_out": "hook_mlp_out",
};

const known = /^(hook_embed|ln_final\.hook_normalized|blocks\.\d{1,4}\.[a-z0-9_.]+)$/;

/** A TransformerLens name. */
export function transformerLensHook(folder: string, name: string): HookName {
  if (!known.test(name))
    throw fault(folder, "a TransformerLens hook name", JSON.stringify(name), "repair its hook name");
  const [, prefix = "", rest = name] = /^(blocks\.\d+\.)(.+)$/.exec(name) ?? [];
  return `${prefix}${Object.hasOwn(sameValues, rest) ? sameValues[rest] : rest}` as HookName;
}

/** The same within a block: circuit-tracer names one place for all layers (`mlp.hook_in`). */
export function blockHook(folder: string, layer: number, name: string): HookName {
  return transformerLensHook(folder, `blocks.${layer}.${name}`);
}

const modulePlaces: Readonly<Record<string, string>> = {
  output: "hook_resid_post",
  "self_attn.o_proj.input": "attn.hook_z",
  "self_attn.output": "hook_attn_out",
  "mlp.input": "mlp.hook_in",
  "mlp.output": "hook_mlp_out",
  "pre_feedforward_layernorm.input": "hook_resid_mid",
  "pre_feedforward_layernorm.output": "mlp.hook_in",
  "post_feedforward_layernorm.output": "hook_mlp_out",
};

/**
 * Hook points of a module path of Hugging Face with `.input` or `.output` behind it (`model.layers.17.output`);
 * `{all}` stands for every layer, `{5,9}` for some.
 */
export function moduleHooks(folder: string, path: string, nLayers: number): HookName[] {
  const [, layers, place = ""] =
    /^(?:language_model\.)?model\.(?:language_model\.)?layers\.(\d+|\{all\}|\{\d+(?:, ?\d+)*\})\.(.+)$/.exec(path) ??
    [];
  if (layers === undefined || !Object.hasOwn(modulePlaces, place))
    throw fault(
      folder,
      `model.layers.N. with one of ${Object.keys(modulePlaces).join(", ")}`,
      JSON.stringify(path),
      "repair its hook point",
    );
  const numbers = layers === "{all}" ? [...Array(nLayers).keys()] : layers.replace(/[{}]/g, "").split(",").map(Number);
  return numbers.map((layer) => `blocks.${layer}.${modulePlaces[place]}` as HookName);
}

export function moduleHook(folder: string, path: string): HookName {
  const [hook, ...more] = moduleHooks(folder, path, 0);
  if (!hook || more.length > 0) throw fault(folder, "one layer", JSON.stringify(path), "repair its hook point");
  return hook;
}
