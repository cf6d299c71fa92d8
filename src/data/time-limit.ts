/** A time limit for work whose length a file from outside decides: templates, regular expressions. */
import { createContext, Script } from "node:vm";

const context = createContext({ work: null });
const call = new Script("work()");

/**
 * Runs `work` to its end, or throws when the time is up, also from inside a loop that never ends. The clock alone decides
 * nothing: where it has run without the work (a machine that slept, a process that was stopped), `work` begins again, until
 * it has had half of the limit.
 */
export function withinTime<T>(limitMs: number, work: () => T): T {
  const outer: unknown = context.work;
  const before = process.cpuUsage();
  context.work = work;
  try {
    for (;;) {
      try {
        return call.runInContext(context, { timeout: limitMs }) as T;
      } catch (error) {
        const { user, system } = process.cpuUsage(before);
        if (!isTimeUp(error) || user + system > (1000 * limitMs) / 2) throw error;
      }
    }
  } finally {
    context.work = outer;
  }
}

const isTimeUp = (error: unknown) => (error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
