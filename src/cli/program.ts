/** Commands, interrupts and exit codes in one place. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { Act } from "./command.ts";
import { commands } from "./commands/index.ts";
import { exitCodeOf, tell } from "./failures.ts";
import { openSession } from "./session.ts";

/** Runs what the arguments ask for; gives the exit code. Errors are told on stderr here and nowhere else. */
export async function runProgram(args: readonly string[]): Promise<number> {
  quietPipes();
  const interrupts = listenForInterrupts();
  let code = 0;
  const act: Act =
    (action) =>
    async (...parsed) => {
      const command = parsed.at(-1) as Command;
      const { device } = command.opts();
      if (typeof device === "string") process.env.PENUMBRA_DEVICE = device;
      const session = openSession({ json: command.opts().json === true, signal: interrupts.signal });
      try {
        // What commander hands over is what the command declared: the one place where its types end.
        code = (await action(session, ...(parsed.slice(0, -1) as never))) ?? 0;
      } finally {
        session.close();
      }
    };
  try {
    await buildProgram(act).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    await tell(error);
    return exitCodeOf(error, interrupts.exitCode());
  } finally {
    interrupts.settle();
  }
}

export function buildProgram(act: Act): Command {
  const program = new Command("penumbra")
    .description("Fine-tune a language model and see which behaviours moved beyond the task.")
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .helpCommand(false)
    .showHelpAfterError(false);
  for (const register of commands) register(program, act);
  for (const command of program.commands) addJson(command);
  return program;
}

function addJson(command: Command): void {
  if (command.commands.length === 0) command.option("--json", "print one JSON document on stdout, all else on stderr");
  for (const below of command.commands) addJson(below);
}

function packageVersion(): string {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")).version;
}

interface Interrupts {
  readonly signal: AbortSignal;
  /** Of work that was broken off. */
  readonly exitCode: () => number;
  /** The work has said how it ended: a server that was told to stop and did ends with 0. */
  readonly settle: () => void;
}

/** The first Ctrl-C stops after the step that runs, the second one at once. */
function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let code = 130;
  let settled = false;
  const hear = (number: number) => () => {
    code = 128 + number;
    if (controller.signal.aborted) process.exit(code);
    process.stderr.write("\nStopping after this step; once more to stop at once.\n");
    controller.abort();
  };
  // Cancelled work that never settles leaves nothing to wait for: node would call that an unsettled promise, code 13.
  process.on("beforeExit", () => {
    if (controller.signal.aborted && !settled) process.exit(code);
  });
  process.on("SIGINT", hear(2));
  process.on("SIGTERM", hear(15));
  const settle = () => {
    settled = true;
  };
  return { signal: controller.signal, exitCode: () => code, settle };
}

/** A reader that leaves (`| head`) hears no more; the work goes on to its end and says by its exit code how that was. */
function quietPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
