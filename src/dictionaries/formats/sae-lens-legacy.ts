/** `cfg.json` of SAELens before version 6: flat, with run settings among the rest and other names for some keys. */

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Version 6 put what is known of a dictionary's origin into `metadata`. */
export function isLegacy(json: unknown): json is Record<string, unknown> {
  return isRecord(json) && !("metadata" in json);
}

const renamed: Readonly<Record<string, string>> = {
  hook_point: "hook_name",
  hook_point_head_index: "hook_head_index",
  activation_fn_str: "activation_fn",
};

/** The same in version 6's form. Settings of the training run say nothing about the dictionary and are left behind. */
export function modernised(json: Record<string, unknown>): Record<string, unknown> {
  const old = Object.fromEntries(Object.entries(json).map(([key, value]) => [renamed[key] ?? key, value]));
  const settings = isRecord(old.activation_fn_kwargs) ? old.activation_fn_kwargs : {};
  const topk = old.activation_fn === "topk";
  const architecture = topk ? "topk" : (old.architecture ?? "standard");
  const hook = typeof old.hook_name === "string" ? old.hook_name : undefined;
  const reshape = old.reshape_activations ?? (hook?.includes("hook_z") ? "hook_z" : "none");
  const transcoder = typeof architecture === "string" && architecture.includes("transcoder");
  return {
    architecture,
    d_in: old.d_in,
    d_sae: old.d_sae,
    apply_b_dec_to_input: old.apply_b_dec_to_input ?? !transcoder,
    normalize_activations: normalisationOf(old.normalize_activations),
    reshape_activations: reshape,
    ...(topk || architecture === "topk" ? { k: settings.k ?? old.k } : {}),
    ...(transcoder ? { d_out: old.d_out } : {}),
    metadata: {
      hook_name: hook,
      hook_name_out: old.hook_name_out,
      hook_head_index: old.hook_head_index ?? null,
      model_name: old.model_name,
    },
  };
}

function normalisationOf(value: unknown): unknown {
  if (typeof value === "boolean") return value ? "expected_average_only_in" : "none";
  return value ?? "none";
}
