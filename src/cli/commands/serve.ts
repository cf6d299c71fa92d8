import type { Register } from "../command.ts";
import { addServeOptions, closeToOthers, type ServeOptions, settingsOf } from "../serving.ts";
import type { Session } from "../session.ts";

export const registerServe: Register = (program, act) => {
  const command = program
    .command("serve")
    .description(
      "a fine-tuning service that speaks OpenAI's API, with an audit beside every model; DATABASE_URL: Postgres",
    );
  addServeOptions(command).action(
    act<[ServeOptions]>(async (session, options) => {
      const { openLog, startServer } = await import("../../server/index.ts");
      const settings = await settingsOf(options);
      closeToOthers();
      const running = await startServer(settings, openLog(options.logLevel));
      session.print(`Penumbra serves at ${running.address} (data: ${settings.folder})`);
      session.document({ address: running.address, data: settings.folder });
      await untilStopped(session);
      await running.close();
    }),
  );
};

/** A server ends when it is told to. */
export function untilStopped({ signal }: Pick<Session, "signal">): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
