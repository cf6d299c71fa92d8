/**
 * Patterns of `adapter_config.json` (`target_modules`, `rank_pattern`, `alpha_pattern`), which are Python's regular
 * expressions. They come from outside, so each match runs under a time limit: a pattern that backtracks without end is
 * the file's fault and not a program that hangs.
 */
import { runInNewContext } from "node:vm";
import { UserError } from "../core/index.ts";

const LIMIT_MS = 200;
const LONGEST_PATTERN = 2000;

/** Which of `names` the whole of which `pattern` matches (Python's `re.fullmatch`). */
export function fullMatches(pattern: string, names: readonly string[], subject: string): string[] {
  return matches(`^(?:${translated(pattern)})$`, names, pattern, subject);
}

/** Which of `names` end in `pattern` at a dot or at their start, as PEFT looks patterns up. */
export function suffixMatches(pattern: string, names: readonly string[], subject: string): string[] {
  return matches(`^(?:.*\\.)?(?:${translated(pattern)})$`, names, pattern, subject);
}

/** Named groups are spelt differently; the rest of what such patterns use is the same in both languages. */
const translated = (pattern: string) => pattern.replaceAll("(?P<", "(?<");

function matches(source: string, names: readonly string[], pattern: string, subject: string): string[] {
  const wrong = (got: string) =>
    new UserError(subject, {
      expected: "a regular expression that matches module names in good time",
      got: `${JSON.stringify(pattern.slice(0, 60))}: ${got}`,
      fix: "name the modules instead",
    });
  if (pattern.length > LONGEST_PATTERN) throw wrong(`${pattern.length} characters`);
  try {
    const found: unknown = runInNewContext(
      "const regex = new RegExp(source); JSON.stringify(names.map((name) => regex.test(name)))",
      { source, names: [...names] },
      { timeout: LIMIT_MS },
    );
    const flags = JSON.parse(String(found)) as boolean[];
    return names.filter((_, i) => flags[i]);
  } catch (error) {
    const message = error instanceof Error || (error as Error)?.message ? (error as Error).message : "an error";
    throw wrong(message.split("\n")[0] ?? message);
  }
}
