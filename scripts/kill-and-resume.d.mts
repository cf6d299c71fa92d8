interface Stopped {
  /** Finished stages and the step of the last checkpoint when the run was stopped. */
  readonly stages: number;
  readonly checkpoint: number;
  readonly sameAdapter: boolean;
  readonly sameAudit: boolean;
}

export function killAndResume(options: {
  readonly kills: number;
  readonly cancels: number;
  readonly seed: number;
  /** Further flags of `penumbra run`; default: two behaviours. */
  readonly flags?: readonly string[];
  readonly say?: (line: string) => void;
}): Promise<{
  readonly undisturbed: {
    readonly adapterSha256: string;
    readonly auditSha256: string;
    readonly durationMs: number;
  };
  readonly kills: readonly (Stopped & { readonly atMs: number; readonly signal: string | null })[];
  readonly cancels: readonly (Stopped & { readonly afterMs: number; readonly exitCode: number | null })[];
}>;
