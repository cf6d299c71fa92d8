/**
 * The process that runs one job's pipeline. It knows nothing of the database: what it does lies in the run folder, and
 * the worker commits it. It ends with its worker.
 */
import { UserError } from "../../core/index.ts";
import { run } from "../../jobs/index.ts";
import type { News, Order } from "./messages.ts";
import { publishNamed } from "./named-report.ts";

/** Steps are told at most so often; the last of each task always is, by the stage that follows. */
const EVERY_MS = 200;

function tell(news: News): Promise<void> {
  return new Promise((resolve) => {
    // Where the worker is gone there is nobody left to tell; `disconnect` ends this process.
    if (!process.connected || !process.send) return resolve();
    process.send(news, () => resolve());
  });
}

async function work({ config, names, forecast, inside }: Order): Promise<void> {
  let lastAt = -Infinity;
  await run(config, {
    forecast,
    inside,
    onStage: ({ name }) => void tell({ kind: "stage", name }),
    onProgress: ({ task, step, total, readings }) => {
      if (performance.now() - lastAt < EVERY_MS) return;
      lastAt = performance.now();
      void tell({ kind: "progress", task, step, total, ...(readings ? { readings } : {}) });
    },
  });
  await publishNamed(config.out, names);
}

async function obey(order: Order): Promise<void> {
  try {
    await work(order);
    await tell({ kind: "done" });
  } catch (error) {
    if (error instanceof UserError) {
      const { expected, got, fix } = error.fault;
      await tell({ kind: "refused", expected, got, fix });
    } else {
      await tell({ kind: "broken", trace: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  process.disconnect();
}

process.once("message", (order: Order) => void obey(order));
process.on("disconnect", () => process.exit(0));
// The worker decides what an interrupt means; it reaches the whole process group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
