/** What `start`, `run` and `audit` say in the end. */
import { join } from "node:path";
import type { RunResult } from "../jobs/index.ts";
import { EXIT } from "./failures.ts";
import type { Session } from "./session.ts";
import { safe, verdictTable } from "./tables.ts";

/** Prints the verdicts, the report's path and the gate; gives the exit code that the gate asks for. */
export function tellOutcome(session: Session, { audit, folder, gate, stages }: RunResult): number {
  const { print, colors } = session;
  print(colors.bold(safe(audit.headline, 1000)));
  print();
  for (const line of verdictTable(audit, colors)) print(line);
  print();
  const kept = stages.filter(({ skipped }) => skipped).map(({ name }) => name);
  if (kept.length === stages.length) print("Nothing was computed: the folder held these very results already.");
  else if (kept.length > 0) print(`Kept from before: ${kept.join(", ")}.`);
  print(`Report: ${safe(join(folder, "report.html"), 1000)}`);
  if (gate) print(`Gate: ${gate.outcome}${gate.behaviours.length > 0 ? ` (${gate.behaviours.join(", ")})` : ""}`);
  session.document(audit);
  if (gate?.outcome === "breached") return EXIT.gateBreached;
  return gate?.outcome === "undecided" ? EXIT.gateUndecided : EXIT.done;
}
