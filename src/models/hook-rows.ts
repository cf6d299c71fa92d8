import { dimAt, Reshape, type Tensor } from "../tensor/index.ts";
import type { ForwardContext } from "./definition.ts";
import type { HookName } from "./hooks.ts";

/** Passes `x [rows, d]` through a hook point that shows `[batch, seq, d]`. */
export function hookRows(context: ForwardContext, name: HookName, x: Tensor): Tensor {
  if (!context.hooked(name)) return x;
  const width = dimAt(x, 1);
  return Reshape(context.hook(name, Reshape(x, ["batch", "seq", width])), ["rows", width]);
}
