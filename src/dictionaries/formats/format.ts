import type { FloatDtype } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import type { FiledCoder, LoadedCoder } from "../coders/sparse-coder.ts";

export interface OpenHints {
  /** Where the dictionary reads, for files that do not say it. */
  readonly hook?: HookName;
}

export interface WriteCoderOptions {
  readonly dtype?: FloatDtype;
}

/** One library's way to keep dictionaries in a folder. */
export interface CoderFormat {
  readonly name: string;
  /** In words, for messages: the files by which it is known. */
  readonly files: string;
  /** Do these names of files look like it? */
  readonly recognises: (names: readonly string[]) => boolean;
  /** One coder; several for a set with one per layer. */
  readonly open: (folder: string, names: readonly string[], hints: OpenHints) => Promise<FiledCoder[]>;
  /** Why these coders cannot be kept in the format, or null. */
  readonly cannotHold: (coders: readonly LoadedCoder[]) => string | null;
  readonly write: (folder: string, coders: readonly LoadedCoder[], options: WriteCoderOptions) => Promise<void>;
}
