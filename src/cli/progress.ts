/** Progress of long work: one line rewritten on a terminal, plain lines now and then elsewhere. */
import type { OnProgress, ProgressEvent } from "../core/index.ts";

/** Where there is no terminal a line is written at most this often, and of what begins somewhat sooner. */
const PLAIN_EVERY_MS = 5000;
const PLAIN_BEGINS_MS = 1000;
/** On a terminal: no faster than an eye reads. */
const REWRITE_EVERY_MS = 80;

export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressLine {
  readonly hear: OnProgress;
  /** Takes the line away, so that other text may follow. */
  readonly clear: () => void;
}

export function progressLine(output: ProgressOutput, now: () => number = () => performance.now()): ProgressLine {
  const terminal = output.isTTY === true;
  let start: { task: string; step: number; at: number } | null = null;
  let [lastAt, shown] = [-Infinity, false];
  const hear: OnProgress = (event) => {
    const at = now();
    const begins = start?.task !== event.task;
    if (start === null || begins) start = { task: event.task, step: event.step, at };
    const wait = terminal ? REWRITE_EVERY_MS : begins ? PLAIN_BEGINS_MS : PLAIN_EVERY_MS;
    const due = at - lastAt >= wait || (terminal && begins);
    if (!due) return;
    lastAt = at;
    const line = describeProgress(event, { steps: event.step - start.step, ms: at - start.at });
    if (!terminal) output.write(`${line}\n`);
    else output.write(`\r\u001b[2K${line.slice(0, Math.max(20, (output.columns ?? 80) - 1))}`);
    shown = terminal;
  };
  const clear = () => {
    if (shown) output.write("\r\u001b[2K");
    shown = false;
  };
  return { hear, clear };
}

/** `since`: steps and time since the work began (or went on), for rate and time left. */
export function describeProgress(event: ProgressEvent, since: { readonly steps: number; readonly ms: number }): string {
  const { task, step, total, readings = {}, message } = event;
  const perSecond = since.ms > 0 ? (1000 * since.steps) / since.ms : 0;
  const left = total !== null && perSecond > 0 && step < total ? (total - step) / perSecond : null;
  const { loss, tokensPerSecond } = readings;
  return [
    `${task} ${step}${total === null ? "" : `/${total}`}`,
    tokensPerSecond !== undefined ? `${Math.round(tokensPerSecond)} tokens/s` : rateOf(perSecond),
    left === null ? "" : `${timeLeft(left)} left`,
    loss === undefined ? "" : `loss ${loss.toFixed(4)}`,
    printable(message ?? ""),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

const rateOf = (perSecond: number) => (perSecond > 0 ? `${Number(perSecond.toPrecision(2))}/s` : "");

export function timeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Control characters have no place in a line that is rewritten. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "");
}
