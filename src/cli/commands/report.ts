import { join } from "node:path";
import type { Register } from "../command.ts";

export const registerReport: Register = (program, act) => {
  program
    .command("report")
    .description("writes report.html, report.md and junit.xml again from what a run folder holds")
    .argument("<folder>", "a run folder")
    .option("--redact", "leave training rows and answers out")
    .action(
      act<[string, { redact?: boolean }]>(async (session, folder, { redact = false }) => {
        const { publish } = await import("../../jobs/index.ts");
        const { safe } = await import("../tables.ts");
        const { outputs } = await publish(folder, { redact });
        const paths = outputs.map((name) => join(folder, name));
        for (const path of paths) session.print(safe(path, 1000));
        session.document({ outputs: paths, redacted: redact });
      }),
    );
};
