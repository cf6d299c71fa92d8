import { UserError } from "../core/index.ts";
import { encodeRow, readDataset, rejectedConversation, type Tokenizer, validateDataset } from "../data/index.ts";
import type { DataRecord } from "../records/index.ts";
import { lossWeight, type PreferencePair, type TrainingRow } from "../training/index.ts";
import type { Config } from "./config.ts";

/** All that is wrong with a training file, and what it would cost in tokens. */
export function validate(
  file: string,
  tokenizer: Tokenizer | null,
  maxLength: number,
  objective: Config["train"]["objective"] = "sft",
): Promise<DataRecord> {
  return validateDataset(file, tokenizer, { maxLength, pairs: objective === "dpo" });
}

/** Refuses a file with faults in one line; the record holds them all. */
export function refuseFaults({ faults, file, usableRows }: DataRecord): void {
  const first = faults[0];
  if (first) {
    const more = faults.length > 1 ? ` and ${faults.length - 1} more faults` : "";
    throw new UserError(file, {
      expected: "training rows without faults",
      got: `line ${first.line}: ${first.code}: ${first.message}${more}`,
      fix: `\`penumbra validate ${file}\` lists them all`,
    });
  }
  if (usableRows === 0)
    throw new UserError(file, { expected: "at least one row", got: "none", fix: "give a file with training rows" });
}

/** The rows as the trainer takes them, in the file's order. */
export async function trainingRows(file: string, tokenizer: Tokenizer, maxLength: number): Promise<TrainingRow[]> {
  const { rows } = await readDataset(file);
  return rows.map((row) => encodeRow(row, tokenizer, { maxLength }));
}

/** Rows that were cut before their answers, or whose answers carry no weight, teach nothing. */
export function refuseNothingToLearn(file: string, rows: readonly TrainingRow[]): void {
  if (rows.some((row) => lossWeight(row) !== 0)) return;
  throw new UserError(file, {
    expected: "rows with a token to learn",
    got: "none: every answer is cut off, empty or of weight 0",
    fix: "raise train.maxLength, or give answers a weight",
  });
}

/** Pairs of answers as the trainer takes them; every row must be one. */
export async function preferencePairs(
  file: string,
  tokenizer: Tokenizer,
  maxLength: number,
): Promise<PreferencePair[]> {
  const { rows } = await readDataset(file);
  return rows.map((row) => {
    if (row.format !== "preference") {
      throw new UserError(`${file} line ${row.line}`, {
        expected: "a preference pair (input, preferred_output, non_preferred_output)",
        got: `a ${row.format} row`,
        fix: "give pairs, or leave train.objective at sft",
      });
    }
    return {
      chosen: encodeRow(row, tokenizer, { maxLength }),
      rejected: encodeRow(rejectedConversation(row), tokenizer, { maxLength }),
    };
  });
}

/** What a training takes of a file: rows, and where the objective is DPO the pairs whose preferred answers they are. */
export interface Examples {
  readonly rows: readonly TrainingRow[];
  readonly pairs?: readonly PreferencePair[];
}

export async function examplesOf(
  file: string,
  tokenizer: Tokenizer,
  { objective, maxLength }: Pick<Config["train"], "objective" | "maxLength">,
): Promise<Examples> {
  const rows = await trainingRows(file, tokenizer, maxLength);
  return objective === "dpo" ? { rows, pairs: await preferencePairs(file, tokenizer, maxLength) } : { rows };
}

/** Of the file that is evaluated on while training; null where there is none. */
export async function heldOutOf(
  { validation, train }: Pick<Config, "validation" | "train">,
  tokenizer: Tokenizer,
): Promise<Examples | null> {
  if (validation === null) return null;
  if (train.validationShare === 0) return examplesOf(validation, tokenizer, train);
  throw new UserError("train.validationShare", {
    expected: "0 where validation names a file",
    got: String(train.validationShare),
    fix: "leave one of the two out",
  });
}
