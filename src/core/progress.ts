/** One report of a long work: where it is, and what it last measured. */
export interface ProgressEvent {
  /** Short name of the work, for example `finetune`. */
  readonly task: string;
  readonly step: number;
  /** Null while unknown. */
  readonly total: number | null;
  /** Named readings beside it, for example `{ loss: 1.2, tokensPerSecond: 510 }`. */
  readonly readings?: Readonly<Record<string, number>>;
  readonly message?: string;
}

export type OnProgress = (event: ProgressEvent) => void;
