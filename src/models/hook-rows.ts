import { dimAt, Reshape, type Tensor } from "../tensor/index.ts";
import type { ForwardContext } from "./definition.ts";
import { type HookName, scaleHook } from "./hooks.ts";

/** Passes `x [rows, d]` through a hook point that shows `[batch, seq, d]`. */
export function hookRows(context: ForwardContext, name: HookName, x: Tensor): Tensor {
  if (!context.hooked(name)) return x;
  const width = dimAt(x, 1);
  return Reshape(context.hook(name, Reshape(x, ["batch", "seq", width])), ["rows", width]);
}

/** A norm behind its hook point `hook`: in one piece, or with its scale open where that is hooked. */
export function hookedNorm(
  context: ForwardContext,
  hook: HookName,
  norm: { readonly whole: () => Tensor; readonly scaled: (scale: (s: Tensor) => Tensor) => Tensor },
): Tensor {
  const scale = scaleHook(hook);
  const open = scale !== null && context.hooked(scale);
  return hookRows(context, hook, open ? norm.scaled((s) => hookRows(context, scale, s)) : norm.whole());
}
