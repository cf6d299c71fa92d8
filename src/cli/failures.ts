/** From an error to what is told and to the exit code. */
import { CommanderError } from "commander";
import { CancelledError, UserError } from "../core/index.ts";

/** Exit codes of every command; DESIGN's promise to scripts. */
export const EXIT = { done: 0, ours: 1, user: 2, gateBreached: 100, gateUndecided: 101 } as const;

/** `interrupted` is the code of a clean stop. */
export function exitCodeOf(error: unknown, interrupted: number): number {
  if (error instanceof CancelledError) return interrupted;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.user;
  return error instanceof UserError ? EXIT.user : EXIT.ours;
}

/** The user's mistake as exactly one line; ours with its trace. */
export async function tell(error: unknown): Promise<void> {
  const text = await messageOf(error);
  if (text !== null) process.stderr.write(`${text}\n`);
}

async function messageOf(error: unknown): Promise<string | null> {
  if (error instanceof CommanderError) return usageOf(error);
  if (error instanceof CancelledError)
    return "penumbra: stopped; what is done is kept, and the same command goes on from there";
  const { escapeTerminal } = await import("../report/index.ts");
  if (error instanceof UserError) return `penumbra: ${oneLine(escapeTerminal(error.message))}`;
  const trace = error instanceof Error ? withCauses(error) : String(error);
  return `penumbra: an error of penumbra's own, please report it\n${escapeTerminal(trace)}`;
}

/** Commander's message may end with a hint on a line of its own. Asked without a command it has printed the help. */
function usageOf({ exitCode, code, message }: CommanderError): string | null {
  if (exitCode === 0 || code === "commander.help") return null;
  return `penumbra: ${oneLine(message.replace(/^error: /, ""))}; see penumbra --help`;
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, " ").trim();

function withCauses(error: Error): string {
  const trace = error.stack ?? error.message;
  return error.cause instanceof Error ? `${trace}\ncaused by ${withCauses(error.cause)}` : trace;
}
