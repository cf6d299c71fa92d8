/**
 * Grouped-query attention (Ainslie et al. 2023, arXiv 2305.13245) over new tokens and, where there is a cache, over
 * earlier ones. Keys are never repeated: queries carry a group axis, `[batch, nKvHeads, group, seq, dHead]`.
 *
 * Different from the obvious: cached keys and values are not concatenated with the new ones, which would copy the
 * whole cache for each token; only the scores are, and the two products are added.
 */
import { must } from "../core/index.ts";
import {
  Add,
  And,
  Concat,
  composite,
  type Dim,
  dimAt,
  Less,
  LessOrEqual,
  MatMul,
  Mul,
  Range,
  ReduceSum,
  Reshape,
  recomputedAfter,
  Slice,
  SliceTo,
  Softmax,
  Sub,
  sameShape,
  scalar,
  sumTo,
  type Tensor,
  Transpose,
  Unsqueeze,
  Where,
} from "../tensor/index.ts";
import type { AppendedCache, ForwardContext, Heads } from "./definition.ts";
import type { BlockHook } from "./hooks.ts";
import { attendInPlace, inPlaceCache } from "./serving.ts";

/** Far below any score, and far from overflow when added to one. */
const MASKED = -1e9;

/** Additive masks, broadcast to scores `[batch, nKvHeads, group, seq, keys]`. */
export interface AttentionMasks {
  /** `[1 or batch, 1, 1, seq, seq]`: among the new tokens */
  readonly fresh: Tensor;
  /** `[batch, 1, 1, seq, capacity]`: of cached keys; null without a cache, or where it is written in place */
  readonly cached: Tensor | null;
  readonly window: number | null;
}

/**
 * Causal masks; with `window`, a query sees the last `window` positions only (itself included). New tokens are
 * right-padded, so the causal rule alone keeps padding out.
 */
export function attentionMasks(
  context: ForwardContext,
  dtype: "float32" | "float64",
  window: number | null,
): AttentionMasks {
  return {
    fresh: context.visible ? treeMask(context, context.visible, dtype, window) : causalMask(context, dtype, window),
    cached: context.cache?.kind === "appended" ? cachedMask(context, context.cache, dtype, window) : null,
    window,
  };
}

function causalMask({ tokens }: ForwardContext, dtype: "float32" | "float64", window: number | null): Tensor {
  const index = Range(tokens, "seq");
  const query = Reshape(index, ["seq", 1]);
  const key = Reshape(index, [1, "seq"]);
  const mask = additive(inWindow(LessOrEqual(key, query), query, key, window), dtype);
  return Reshape(mask, [1, 1, 1, "seq", "seq"]);
}

/** Who sees whom is given; distances are those of the positions, which branches share. */
function treeMask(
  { positions }: ForwardContext,
  visible: Tensor,
  dtype: "float32" | "float64",
  window: number | null,
): Tensor {
  const query = Reshape(positions, ["batch", "seq", 1]);
  const key = Reshape(positions, ["batch", 1, "seq"]);
  return Reshape(additive(inWindow(visible, query, key, window), dtype), ["batch", 1, 1, "seq", "seq"]);
}

function cachedMask(
  { tokens, positions }: ForwardContext,
  cache: AppendedCache,
  dtype: "float32" | "float64",
  window: number | null,
): Tensor {
  const key = Reshape(Range(tokens, "capacity"), [1, 1, 1, 1, "capacity"]);
  const query = Reshape(positions, ["batch", 1, 1, "seq", 1]);
  const valid = Less(key, Reshape(cache.lengths, ["batch", 1, 1, 1, 1]));
  return additive(inWindow(valid, query, key, window), dtype);
}

function inWindow(allowed: Tensor, query: Tensor, key: Tensor, window: number | null): Tensor {
  return window === null ? allowed : And(allowed, Less(Sub(query, key), scalar(query, window)));
}

function additive(allowed: Tensor, dtype: "float32" | "float64"): Tensor {
  const { graph } = allowed;
  return Where(allowed, graph.constant(dtype, [0], []), graph.constant(dtype, [MASKED], []));
}

export interface AttentionInputs extends Heads {
  readonly context: ForwardContext;
  readonly masks: AttentionMasks;
}

export interface Attended {
  /** The heads' outputs before W_O, `[rows, nHeads · dHead]`. */
  readonly z: Tensor;
  /** What a cache needs of it (`ForwardOutputs`). */
  readonly keys: Tensor;
  readonly values: Tensor;
}

export function attend(inputs: AttentionInputs): Attended {
  const { context, dimensions, layer, k, v, masks } = inputs;
  const { nHeads, dHead } = dimensions;
  const cache = inPlaceCache(context);
  const { z, keys, values } = cache
    ? attendInPlace({ ...inputs, cache, window: masks.window })
    : { z: attendByParts(inputs), keys: k, values: v };
  return { z: Reshape(context.hook(`blocks.${layer}.attn.hook_z`, z), ["rows", nHeads * dHead]), keys, values };
}

/** `[batch, seq, nHeads, dHead]` */
function attendByParts(inputs: AttentionInputs): Tensor {
  const { context, dimensions, q, k, v, scale, masks } = inputs;
  const { nHeads, nKvHeads, dHead } = dimensions;
  const group = nHeads / nKvHeads;
  const queries = Transpose(
    Reshape(Mul(q, scalar(q, scale)), [dimAt(q, 0), "seq", nKvHeads, group, dHead]),
    [0, 2, 3, 1, 4],
  );
  const keys = Unsqueeze(Transpose(k, [0, 2, 3, 1]), 2);
  const values = Unsqueeze(Transpose(v, [0, 2, 1, 3]), 2);
  const mixed =
    context.cache || isLookedAt(inputs)
      ? attendOpenly(inputs, queries, keys, values)
      : attendFresh({ queries, keys, values, mask: masks.fresh }, context.queryChunks);
  return Reshape(Transpose(mixed, [0, 3, 1, 2, 4]), ["batch", "seq", nHeads, dHead]);
}

interface Fresh {
  /** `[batch, nKvHeads, group, seq, dHead]` */
  readonly queries: Tensor;
  /** `[batch, nKvHeads, 1, dHead, seq]` */
  readonly keys: Tensor;
  /** `[batch, nKvHeads, 1, seq, dHead]` */
  readonly values: Tensor;
  /** `[1 or batch, 1, 1, seq, seq]` */
  readonly mask: Tensor;
}

/** Part by part of the queries, each with the keys up to its own end: nobody sees later ones. */
function attendFresh(fresh: Fresh, chunks: number): Tensor {
  if (chunks === 1) return attendAtOnce(fresh);
  const { queries, keys, values, mask } = fresh;
  const parts = Array.from({ length: chunks }, (_, part) => {
    const upTo = (x: Tensor, axis: number) => partOf(x, axis, chunks, [0, part + 1]);
    const own = (x: Tensor) => partOf(x, 3, chunks, [part, part + 1]);
    const cut = { queries: own(queries), keys: upTo(keys, 4), values: upTo(values, 3), mask: upTo(own(mask), 4) };
    return Unsqueeze(attendAtOnce(cut), 3);
  });
  return Reshape(Concat(parts, 3), queries.shape);
}

/** Of the parts into which `axis` is cut, those from `first` to before `end`, side by side. */
function partOf(x: Tensor, axis: number, chunks: number, [first, end]: readonly [number, number]): Tensor {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const size = x.graph.dividedDim(String(dimAt(x, axis)), chunks);
  const cut = Slice(Reshape(x, [...before, chunks, size, ...after]), axis, first, end);
  return Reshape(cut, [...before, end - first === 1 ? size : `${end - first}·${size}`, ...after]);
}

/**
 * softmax(q k + mask) v. The pattern, `[…, seq, seq]` a head, is not kept for the backward pass but computed again there
 * (Dao et al. 2022, arXiv 2205.14135, §3.1, without its tiles): with it a long row would need more memory for the
 * patterns of all layers than for everything else.
 */
function attendAtOnce({ queries, keys, values, mask }: Fresh): Tensor {
  return composite([queries, keys, values], () => {
    const patternOf = (q: Tensor) => Softmax(Add(MatMul(q, keys), mask));
    const backward = (g: Tensor) => {
      const q = recomputedAfter(queries, sameShape(queries.shape, g.shape) ? g : corner(g));
      const pattern = patternOf(q);
      const dPattern = MatMul(g, swapLast(values));
      const weighted = Mul(dPattern, pattern);
      const dScores = Sub(weighted, Mul(pattern, ReduceSum(weighted, [4], true)));
      return [
        MatMul(dScores, swapLast(keys)),
        sumTo(MatMul(swapLast(q), dScores), keys.shape),
        sumTo(MatMul(swapLast(pattern), g), values.shape),
      ];
    };
    return { output: MatMul(patternOf(queries), values), backward };
  });
}

/** One element of `x`, in its rank: where queries stand for a whole batch (they are held fixed), its gradient is larger. */
function corner(x: Tensor): Tensor {
  return x.shape.reduce((part: Tensor, _, axis) => Slice(part, axis, 0, 1), x);
}

function swapLast(x: Tensor): Tensor {
  return Transpose(x, [0, 1, 2, 4, 3]);
}

function isLookedAt({ context, layer }: AttentionInputs): boolean {
  return (["attn.hook_attn_scores", "attn.hook_pattern"] as const).some((hook) =>
    context.hooked(`blocks.${layer}.${hook}`),
  );
}

/** Where scores or pattern are looked at, or keys are cached. */
function attendOpenly(inputs: AttentionInputs, queries: Tensor, keys: Tensor, values: Tensor): Tensor {
  const { context, masks } = inputs;
  const scores = perHeadHook(inputs, "attn.hook_attn_scores", MatMul(queries, keys), "seq");
  const fresh = Add(scores, masks.fresh);
  return context.cache
    ? attendCached(inputs, queries, fresh, values)
    : MatMul(patternHook(inputs, Softmax(fresh)), values);
}

function attendCached(
  { context, layer, masks }: AttentionInputs,
  queries: Tensor,
  fresh: Tensor,
  values: Tensor,
): Tensor {
  const { cache } = context;
  if (!cache || !masks.cached) throw new Error("attention over a cache needs its mask");
  const ofGroup = (cached: Tensor | undefined) => Unsqueeze(must(cached, `a cache for layer ${layer}`), 2);
  const [cachedKeys, cachedValues] = [ofGroup(cache.keys[layer]), ofGroup(cache.values[layer])];
  const cachedScores = Add(MatMul(queries, swapLast(cachedKeys)), masks.cached);
  const pattern = Softmax(Concat([cachedScores, fresh], 4, "capacity+seq"));
  const [onCached, onFresh] = SliceTo(pattern, 4, ["capacity", "seq"]);
  return Add(MatMul(onCached, cachedValues), MatMul(onFresh, values));
}

function patternHook(inputs: AttentionInputs, pattern: Tensor): Tensor {
  return perHeadHook(inputs, "attn.hook_pattern", pattern, "seq");
}

/** Hook points show `[batch, nHeads, seq, keys]`, without the group axis. */
function perHeadHook({ context, dimensions, layer }: AttentionInputs, hook: BlockHook, x: Tensor, keys: Dim): Tensor {
  const name = `blocks.${layer}.${hook}` as const;
  if (!context.hooked(name)) return x;
  const seen = context.hook(name, Reshape(x, [dimAt(x, 0), dimensions.nHeads, "seq", keys]));
  return Reshape(seen, [dimAt(seen, 0), ...x.shape.slice(1)]);
}
