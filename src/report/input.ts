import type {
  AnswerPair,
  AuditRecord,
  DataRecord,
  EvidenceItem,
  FinetuneRecord,
  MetricsLine,
} from "../records/index.ts";

/** All that a report is made of. It reads records and computes no score of its own. */
export interface ReportInput {
  readonly audit: AuditRecord;
  readonly data: DataRecord | null;
  readonly finetune: FinetuneRecord | null;
  readonly metrics: readonly MetricsLine[];
  /** Items by behaviour id. */
  readonly evidence: Readonly<Record<string, readonly EvidenceItem[]>>;
  readonly answers: readonly AnswerPair[];
  /** The resolved configuration. */
  readonly config: unknown;
  /** Program and version, for example `penumbra 0.1.0`. */
  readonly generatedBy: string;
  /** Leave prompts, answers and fault texts out (`--redact`). */
  readonly redact?: boolean;
}

/** How much of the evidence goes into the file; the rest is linked. */
export interface Limits {
  readonly itemsPerBehaviour: number;
  readonly answers: number;
  /** Characters of one prompt or answer. */
  readonly textLength: number;
}
