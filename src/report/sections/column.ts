import type { BehaviourResult } from "../../records/index.ts";
import type { Markup } from "../markup.ts";

/** A column of the verdict table. */
export interface Column {
  /** Classes of head and cell. */
  readonly className: string;
  readonly head: Markup | string;
  /** Stands above the value where rows become cards; null where none is wanted. */
  readonly label: string | null;
  cell(b: BehaviourResult): Markup | string;
}
