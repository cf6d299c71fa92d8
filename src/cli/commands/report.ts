import { join } from "node:path";
import type { Register } from "../command.ts";
import { addRedactOption, type RedactOption, redaction } from "../redact-option.ts";

export const registerReport: Register = (program, act) => {
  const command = program
    .command("report")
    .description("writes report.html, report.md and junit.xml again from what a run folder holds")
    .argument("<folder>", "a run folder");
  addRedactOption(command).action(
    act<[string, RedactOption]>(async (session, folder, options) => {
      const { publish } = await import("../../jobs/index.ts");
      const { safe } = await import("../tables.ts");
      const { outputs, redacted } = await publish(folder, redaction(options));
      const paths = outputs.map((name) => join(folder, name));
      for (const path of paths) session.print(safe(path, 1000));
      session.document({ outputs: paths, redacted });
    }),
  );
};
