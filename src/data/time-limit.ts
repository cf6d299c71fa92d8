/** A time limit for work whose length a file from outside decides: templates, regular expressions. */
import { createContext, Script } from "node:vm";

const context = createContext({ work: null });
const call = new Script("work()");

/** Runs `work` to its end, or throws when the time is up, also from inside a loop that never ends. */
export function withinTime<T>(limitMs: number, work: () => T): T {
  const outer: unknown = context.work;
  context.work = work;
  try {
    return call.runInContext(context, { timeout: limitMs }) as T;
  } finally {
    context.work = outer;
  }
}
