/** A linear map from data to drawing units. */
export interface Scale {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** A step of 1, 2 or 5 × 10ᵏ that cuts `width` into at most `most` pieces. */
export function niceStep(width: number, most: number): number {
  const raw = width / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** A scale over `values` (at least `fallback` where they have no width) with round ticks, drawn from `from` to `to`. */
export function niceScale(
  values: readonly number[],
  range: { readonly from: number; readonly to: number; readonly ticks: number; readonly fallback: number },
): Scale {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), finite[0] ?? 0);
  const high = Math.max(
    finite.reduce((a, b) => Math.max(a, b), low),
    low + range.fallback,
  );
  const step = niceStep(high - low, range.ticks);
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const domain = [first * step, last * step] as const;
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const at = (value: number) => range.from + ((value - domain[0]) / (domain[1] - domain[0])) * (range.to - range.from);
  return { domain, ticks, at };
}

/** A coordinate with one decimal: half a pixel is finer than anybody sees. */
export const px = (value: number) => Number(value.toFixed(1));
