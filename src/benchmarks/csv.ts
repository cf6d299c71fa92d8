import { UserError } from "../core/index.ts";

export interface CsvRow {
  /** 1-based line on which the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Rows of comma-separated text (RFC 4180): quoted cells may hold commas, quotes (doubled) and line breaks; a byte order
 * mark and blank lines are passed over. A quote that never closes is a file that was cut short.
 */
export function parseCsv(text: string, file: string): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let [cells, cell, quoted, line, begins]: [string[], string, boolean, number, number] = [[], "", false, 1, 1];
  const end = () => {
    if (cells.length > 0 || cell !== "") rows.push({ line: begins, cells: [...cells, cell] });
    [cells, cell, begins] = [[], "", line];
  };
  const source = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  for (let i = 0; i < source.length; i++) {
    const char = source[i] ?? "";
    if (char === "\n") line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[i + 1] === '"') cell += source[i++];
      else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === ",") [cells, cell] = [[...cells, cell], ""];
    else if (char === "\n") end();
    else cell += char;
  }
  if (quoted) throw cutShort(`${file}:${begins}`);
  end();
  return rows;
}

function cutShort(where: string): UserError {
  return new UserError(where, {
    expected: "a closing quote",
    got: "the end of the file: it was cut short",
    fix: "get the file again",
  });
}

/** Rows by the names of their header; every `required` column must be there, and every row as long as the header. */
export function csvTable<K extends string>(
  text: string,
  file: string,
  required: readonly K[],
  what: string,
): readonly { readonly line: number; readonly row: Readonly<Record<K, string>> & Readonly<Record<string, string>> }[] {
  const [header, ...rows] = parseCsv(text, file);
  const names = header?.cells.map((name) => name.trim()) ?? [];
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const got = names.length === 0 ? "an empty file" : `columns ${names.join(", ").slice(0, 200)}`;
    throw new UserError(file, {
      expected: `${what}, with the columns ${required.join(", ")}`,
      got,
      fix: "give the file as its authors publish it",
    });
  }
  return rows.map(({ line, cells }) => {
    if (cells.length !== names.length) {
      const got = `${cells.length}: the row is damaged or the file cut short`;
      throw new UserError(`${file}:${line}`, { expected: `${names.length} cells`, got, fix: "get the file again" });
    }
    // Every required name is among the header's: checked above.
    return { line, row: Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""])) as Record<K, string> };
  });
}
