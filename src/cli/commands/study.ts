import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { must } from "../../core/index.ts";
import type { ProgramOptions, RunProgram } from "../../jobs/index.ts";
import type { StudyRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { whole } from "../options.ts";

export const registerStudy: Register = (program, act) => {
  program
    .command("study")
    .description("how right is the forecast? models × data sets × seeds × behaviours, as one YAML says")
    .argument("<study>", "the study's YAML file")
    .option("--out <folder>", "the study's folder; what it has recorded is not run again")
    .option("--budget <n>", "cells at most in this run", whole)
    .option("--workers <n>", "cells at once", whole)
    .action(
      act<[string, { readonly out?: string; readonly budget?: number; readonly workers?: number }]>(
        async (session, path, options) => {
          const { readStudy, study } = await import("../../jobs/index.ts");
          const { safe } = await import("../tables.ts");
          const { out, budget, workers } = options;
          const read = await readStudy(path);
          const config = {
            ...read,
            out: out ?? read.out,
            budget: budget || read.budget,
            workers: workers || read.workers,
          };
          const record = await study(config, { ...session, program: runProgram });
          for (const line of studyLines(record)) session.print(safe(line, 1000));
          session.print(`Study: ${safe(join(config.out, "study.html"), 1000)}`);
          session.document(record);
        },
      ),
    );
};

function studyLines({ cells, findings }: StudyRecord): string[] {
  const failed = cells.failed > 0 ? `, ${cells.failed} failed (records.jsonl says why)` : "";
  return [`${cells.done} of ${cells.planned} cells done${failed}`, ...findings];
}

/** What is kept of what a cell says. */
const LAST_WORDS = 4000;

/** This very program in a process of its own; ended with the study. */
function runProgram(args: readonly string[], { onLine, signal }: ProgramOptions): ReturnType<RunProgram> {
  const child = spawn(process.execPath, [must(process.argv[1], "the program"), ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stop = () => child.kill("SIGINT");
  signal?.addEventListener("abort", stop, { once: true });
  let said = "";
  createInterface(child.stderr).on("line", (line) => {
    said = `${said}${line}\n`.slice(-LAST_WORDS);
    onLine(line);
  });
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => {
      signal?.removeEventListener("abort", stop);
      done({ code, said });
    });
  });
}
