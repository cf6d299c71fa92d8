/** Hook points under TransformerLens names, as a template-literal type: a misspelt one does not compile. */
export const blockHooks = [
  "hook_resid_pre",
  "ln1.hook_normalized",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_rot_q",
  "attn.hook_rot_k",
  "attn.hook_attn_scores",
  "attn.hook_pattern",
  "attn.hook_z",
  "ln1_post.hook_normalized",
  "hook_attn_out",
  "hook_resid_mid",
  "ln2.hook_normalized",
  "mlp.hook_in",
  "mlp.hook_pre",
  "mlp.hook_pre_linear",
  "mlp.hook_post",
  "ln2_post.hook_normalized",
  "hook_mlp_out",
  "hook_resid_post",
] as const;

export type BlockHook = (typeof blockHooks)[number];
export type HookName =
  | "hook_embed"
  | "hook_pos_embed"
  | `blocks.${number}.${BlockHook}`
  | "ln_final.hook_normalized"
  | ScaleHook;

/**
 * What a norm divides by, `[batch, seq, 1]`. Not in a definition's list of hook points, because a norm whose scale is
 * looked at is built of single ops: only who holds scales fixed (a local replacement model) asks for them.
 */
export type ScaleHook =
  | `blocks.${number}.${"ln1" | "ln1_post" | "ln2" | "ln2_post"}.hook_scale`
  | "ln_final.hook_scale";

/** The scale of the norm whose output a hook point shows before the gain; null for a hook point that shows no norm. */
export function scaleHook(normalized: HookName): ScaleHook | null {
  return normalized.endsWith(".hook_normalized")
    ? (normalized.replace(/hook_normalized$/, "hook_scale") as ScaleHook)
    : null;
}

/** In all families but those with learned positions and an MLP without a gate. */
export const rotaryGatedHooks = ["attn.hook_rot_q", "attn.hook_rot_k", "mlp.hook_pre_linear"] as const;

/** Only in families with norms behind attention and MLP. */
export const postNormHooks = ["ln1_post.hook_normalized", "ln2_post.hook_normalized"] as const;

/**
 * Hook points of a model of `nLayers` blocks, in the order in which a forward pass reaches them; `absent`: those that
 * the family has not.
 */
export function hookNames(nLayers: number, absent: readonly BlockHook[] = postNormHooks): HookName[] {
  const perBlock = blockHooks.filter((hook) => !absent.includes(hook));
  const blocks = Array.from({ length: nLayers }, (_, layer) =>
    perBlock.map((hook) => `blocks.${layer}.${hook}` as const),
  );
  return ["hook_embed", ...blocks.flat(), "ln_final.hook_normalized"];
}

/** The layer that a hook point belongs to; null for the two outside the blocks. */
export function hookLayer(hook: HookName): number | null {
  const found = /^blocks\.(\d+)\./.exec(hook);
  return found ? Number(found[1]) : null;
}

/** What a hook point shows behind `batch` and `seq`; null where that is the number of keys, known at run time only. */
export function hookShape(hook: HookName, dimensions: HookDimensions): readonly number[] | null {
  if (hook.endsWith(".hook_scale")) return [1];
  const name = blockHooks.find((each) => hook.endsWith(`.${each}`) && hook.startsWith("blocks."));
  return name === undefined ? [dimensions.dModel] : blockHookShapes[name](dimensions);
}

/** The sizes that hook points have. */
interface HookDimensions {
  readonly dModel: number;
  readonly nHeads: number;
  readonly nKvHeads: number;
  readonly dHead: number;
  readonly dMlp: number;
}

const residual = ({ dModel }: HookDimensions) => [dModel];
const queries = ({ nHeads, dHead }: HookDimensions) => [nHeads, dHead];
const keys = ({ nKvHeads, dHead }: HookDimensions) => [nKvHeads, dHead];
const neurons = ({ dMlp }: HookDimensions) => [dMlp];
const perKey = () => null;

const blockHookShapes: Record<BlockHook, (dimensions: HookDimensions) => readonly number[] | null> = {
  hook_resid_pre: residual,
  "ln1.hook_normalized": residual,
  "attn.hook_q": queries,
  "attn.hook_k": keys,
  "attn.hook_v": keys,
  "attn.hook_rot_q": queries,
  "attn.hook_rot_k": keys,
  "attn.hook_attn_scores": perKey,
  "attn.hook_pattern": perKey,
  "attn.hook_z": queries,
  "ln1_post.hook_normalized": residual,
  hook_attn_out: residual,
  hook_resid_mid: residual,
  "ln2.hook_normalized": residual,
  "mlp.hook_in": residual,
  "mlp.hook_pre": neurons,
  "mlp.hook_pre_linear": neurons,
  "mlp.hook_post": neurons,
  "ln2_post.hook_normalized": residual,
  hook_mlp_out: residual,
  hook_resid_post: residual,
};
