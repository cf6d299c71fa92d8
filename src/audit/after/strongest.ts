/** The strongest few of a stream: a monoid, so that shards merge. */
export interface Strongest<T> {
  readonly most: number;
  /** Strongest first; equals in the order of their arrival. */
  readonly items: readonly Ranked<T>[];
}

export interface Ranked<T> {
  readonly item: T;
  readonly value: number;
}

export function strongest<T>(most: number): Strongest<T> {
  return { most, items: [] };
}

export function keep<T>({ most, items }: Strongest<T>, ranked: Ranked<T>): Strongest<T> {
  const weakest = items.at(-1);
  if (most === 0 || (items.length === most && weakest && weakest.value >= ranked.value)) return { most, items };
  const at = items.findIndex(({ value }) => value < ranked.value);
  const place = at === -1 ? items.length : at;
  return { most, items: [...items.slice(0, place), ranked, ...items.slice(place, most - 1)] };
}

/** Those of `a` arrived first. */
export function mergeStrongest<T>(a: Strongest<T>, b: Strongest<T>): Strongest<T> {
  return b.items.reduce(keep, a);
}
