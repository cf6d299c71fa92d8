export type Mode = "likelihood" | "answers";
export interface Verdicts {
  readonly [id: string]: {
    readonly verdict: string;
    readonly delta: number | null;
    readonly interval: readonly number[] | null;
    readonly n: number;
  };
}
type Stored = Readonly<Record<string, readonly number[]>>;
export declare const MARGIN: number;
export declare const ALPHA: number;
export declare const LOOKS: number;
export declare const SCALE: number;
export declare const MODES: readonly Mode[];
export declare const SAMPLES: Readonly<Record<Mode, { readonly topics: number; readonly each: number }>>;
export declare function exactShifts(base: Stored, scores: Stored): Record<string, number>;
export declare function verdictsOf(
  mode: Mode,
  record: {
    readonly base: Stored;
    readonly scores: Stored;
    readonly clusters: Readonly<Record<string, readonly string[]>>;
    readonly cell: string;
    readonly size?: { readonly topics: number; readonly each: number };
    readonly only?: readonly string[];
  },
): Verdicts;
