import { UserError } from "../../core/index.ts";
import type { Register } from "../command.ts";
import { addWorkOptions, closeToOthers, type ServeOptions, settingsOf } from "../serving.ts";
import { untilStopped } from "./serve.ts";

type Options = Pick<ServeOptions, "data" | "models" | "workers" | "logLevel">;

export const registerWorker: Register = (program, act) => {
  const command = program
    .command("worker")
    .description("works on the jobs of a service: same DATABASE_URL, same data folder, any machine");
  addWorkOptions(command).action(
    act<[Options]>(async (session, options) => {
      const { openLog, startWorker } = await import("../../server/index.ts");
      const settings = await settingsOf(options);
      if (settings.databaseUrl === null)
        throw new UserError("worker", {
          expected: "DATABASE_URL with the address of the service's Postgres",
          got: "none",
          fix: "set it; with the embedded database `penumbra serve --workers N` does all the work",
        });
      closeToOthers();
      const running = await startWorker(settings, openLog(options.logLevel));
      session.print(`Penumbra works on jobs (data: ${settings.folder})`);
      await untilStopped(session);
      await running.close();
    }),
  );
};
