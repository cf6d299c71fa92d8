import { readFileSync } from "node:fs";

/** A process as far as others can tell it apart: its number may be given again, its number and start may not. */
export interface ProcessName {
  readonly pid: number;
  /** Clock ticks from boot to its start; null where the system does not say (it does under Linux). */
  readonly started: string | null;
}

/** This process. */
export function thisProcess(): ProcessName {
  return { pid: process.pid, started: statusOf(process.pid)?.started ?? null };
}

/** Does this very process still run? One that has ended and waits to be reaped does not. */
export function isAlive({ pid, started }: ProcessName): boolean {
  if (!exists(pid)) return false;
  const status = statusOf(pid);
  if (status === null) return true;
  return status.state !== "Z" && (started === null || status.started === started);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** State and start from Linux's /proc (proc_pid_stat(5), fields 3 and 22); null elsewhere. */
function statusOf(pid: number): { state: string; started: string } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // No Linux, or the process has just ended: `exists` is all that can be known.
    return null;
  }
  // The program's name, field 2, stands in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}
