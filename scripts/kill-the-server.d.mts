interface JobOutcome {
  readonly status: string;
  readonly trainedTokens: number | null;
  readonly resultFiles: number;
  /** Steps after which the validation rows were evaluated, and the drift was looked at. */
  readonly evaluations: number;
  readonly looks: number;
  /** Of all losses and drifts that were told, by step. */
  readonly toldSha256: string;
  readonly eachStepOnce: boolean;
  readonly endedOnce: boolean;
  /** No attempt but the last has left anything. */
  readonly oneFolder: boolean;
  readonly adapterSha256: string | null;
  readonly model: string | null;
}

interface Killed {
  readonly undisturbed: JobOutcome & { readonly durationMs: number };
  readonly kills: readonly { readonly way: string; readonly afterMs: number }[];
  readonly jobs: readonly JobOutcome[];
  /** Tuned models in all. */
  readonly models: number;
  /** Uploads that were begun and neither kept nor removed. */
  readonly left: number;
}

export function killTheServer(options: {
  readonly kills: number;
  readonly seed: number;
  readonly epochs?: number;
  readonly say?: (line: string) => void;
}): Promise<Killed>;

export function soundJobs(killed: Killed): number;
