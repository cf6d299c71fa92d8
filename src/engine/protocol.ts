/** What parent and engine process say to each other. Programs travel once per process and are then named by key. */
import type { AutoencoderRequest } from "./autoencoder-request.ts";
import type { GenerateRequest, TokenReport } from "./generate.ts";
import type { BufferFeed, HostTensor, Program, RunRequest } from "./program.ts";

export type ProgramRef = string;

export type RunMessage = Omit<RunRequest, "program"> & { readonly program: ProgramRef };
export type GenerateMessage = Omit<GenerateRequest, "prefill" | "decode"> & {
  readonly prefill: ProgramRef;
  readonly decode: ProgramRef;
};

type AutoencoderStepRequest = Extract<AutoencoderRequest, { act: "step" }>;
export type AutoencoderMessage =
  | Exclude<AutoencoderRequest, { act: "step" }>
  | (Omit<AutoencoderStepRequest, "program"> & { readonly program: ProgramRef });

export type Request =
  | { readonly kind: "program"; readonly program: Program }
  | { readonly kind: "run"; readonly run: RunMessage }
  | { readonly kind: "generate"; readonly generate: GenerateMessage }
  | { readonly kind: "autoencoder"; readonly autoencoder: AutoencoderMessage }
  | { readonly kind: "write"; readonly name: string; readonly data: Float32Array }
  | { readonly kind: "read"; readonly name: string }
  | { readonly kind: "free"; readonly name: string };

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  /** On the way to the answer. */
  | { readonly id: number; readonly tokens: readonly TokenReport[] }
  | { readonly id: number; readonly ok: true; readonly value: unknown; readonly rssBytes: number }
  | { readonly id: number; readonly ok: false; readonly error: string };

export type { BufferFeed, HostTensor };
