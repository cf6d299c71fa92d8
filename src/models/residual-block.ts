import { Add, type Tensor } from "../tensor/index.ts";
import type { ForwardContext } from "./definition.ts";
import { hookRows } from "./hook-rows.ts";

/** What a block adds to the residual stream, each from `[rows, dModel]` to `[rows, dModel]`, norms included. */
interface Parts {
  readonly attention: (pre: Tensor) => Tensor;
  readonly mlp: (mid: Tensor) => Tensor;
}

/** One block of a sequential decoder with its hook points: the stream after it, `[rows, dModel]`. */
export function residualBlock(
  context: ForwardContext,
  layer: number,
  resid: Tensor,
  { attention, mlp }: Parts,
): Tensor {
  const at = `blocks.${layer}` as const;
  const pre = hookRows(context, `${at}.hook_resid_pre`, resid);
  const attended = attention(pre);
  const mid = hookRows(context, `${at}.hook_resid_mid`, Add(pre, hookRows(context, `${at}.hook_attn_out`, attended)));
  const written = hookRows(context, `${at}.hook_mlp_out`, mlp(mid));
  return hookRows(context, `${at}.hook_resid_post`, Add(mid, written));
}
