import type {
  AnswerPair,
  AuditRecord,
  BenchmarkRecord,
  CotRecord,
  DataRecord,
  EvidenceItem,
  FinetuneRecord,
  ForecastRecord,
  GeometryRecord,
  MetricsLine,
} from "../records/index.ts";

/** All that a report is made of. It reads records and computes no score of its own. */
export interface ReportInput {
  readonly audit: AuditRecord;
  readonly data: DataRecord | null;
  readonly finetune: FinetuneRecord | null;
  /** What was said before training; null where nobody asked. */
  readonly forecast: ForecastRecord | null;
  /** What moved inside, and how; null where it was not looked at. */
  readonly geometry: GeometryRecord | null;
  /** What visible reasoning discloses; absent where nobody asked. */
  readonly reasoning?: CotRecord | null;
  /** Published benchmarks that were run on the same pair. */
  readonly benchmarks?: readonly BenchmarkRecord[];
  readonly metrics: readonly MetricsLine[];
  /** Items by behaviour id. */
  readonly evidence: Readonly<Record<string, readonly EvidenceItem[]>>;
  readonly answers: readonly AnswerPair[];
  /** The resolved configuration. */
  readonly config: unknown;
  /** Program and version, for example `penumbra 0.1.0`. */
  readonly generatedBy: string;
  /**
   * Were margin, alpha and behaviours fixed before the training? False: set or changed after it; null: nothing was trained
   * in this run; absent: no manifest says.
   */
  readonly fixedBeforeTraining?: boolean | null | undefined;
  /** The run was asked for the verdicts alone (`inside: false`). */
  readonly verdictsOnly?: boolean;
  /** Files of the folder that are not this audit's, and why. */
  readonly leftOut?: readonly { readonly file: string; readonly why: string }[];
  /** Files whose models were asked through an endpoint: that they are the audited ones nobody has seen. */
  readonly unseen?: readonly string[];
  /** Leave prompts, answers and fault texts out (`--redact`). */
  readonly redact?: boolean;
}

/** How much of the evidence goes into the file; the rest is linked. */
export interface Limits {
  readonly itemsPerBehaviour: number;
  readonly answers: number;
  /** Training rows for each behaviour. */
  readonly rows: number;
  /** Feature cards. */
  readonly latents: number;
  /** Links of the chain for each behaviour. */
  readonly links: number;
  /** Characters of one prompt or answer. */
  readonly textLength: number;
}
