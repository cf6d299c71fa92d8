import { UserError } from "./errors.ts";

/** The entry of `table` called `name`; a `UserError` that lists the valid names where there is none. */
export function pick<T>(table: Readonly<Record<string, T>>, name: string, subject: string): T {
  if (Object.hasOwn(table, name)) return table[name] as T;
  const names = Object.keys(table).sort();
  throw new UserError(subject, {
    expected: "one of the known names",
    got: JSON.stringify(name),
    fix: `use ${names.join(", ")}`,
  });
}

/** `value`, or a thrown error of ours (never the user's) where it is missing: for indices that are known to be valid. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`missing ${what}`);
  return value;
}
