import type { z } from "zod";
import { UserError } from "../core/index.ts";

/** Rows of JSON lines, or of one JSON array; each checked, a fault named with its line (or place). */
export function jsonRows<T extends z.ZodType>(
  text: string,
  file: string,
  schema: T,
  what: string,
): readonly { readonly line: number; readonly row: z.infer<T> }[] {
  const whole = text.trimStart().startsWith("[") ? parsed(text) : undefined;
  if (text.trimStart().startsWith("[") && !Array.isArray(whole)) throw damaged(file, what, "a list that does not end");
  const values = Array.isArray(whole)
    ? whole.map((value: unknown, i) => ({ value, line: i + 1 }))
    : text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [{ value: parsed(line), line: i + 1 }]));
  return values.map(({ value, line }) => {
    const result = schema.safeParse(value);
    if (result.success) return { line, row: result.data };
    const issue = result.error.issues[0];
    const got =
      value === undefined
        ? "no JSON: the line is damaged or cut short"
        : `${issue?.path.join(".") || "a row"}: ${issue?.message}`;
    throw damaged(`${file}:${line}`, what, got);
  });
}

function damaged(where: string, expected: string, got: string): UserError {
  return new UserError(where, { expected, got, fix: "give the file as its authors publish it" });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
