/**
 * A command of the program with its time and memory (Linux only). Memory is that of the program and its engine together,
 * looked at five times a second: resident sets, in which a page of a file counts once for each mapping, and every four
 * seconds proportional sets, in which it counts once (for these the kernel walks all pages: oftener would slow the program).
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "..", "dist/cli/main.js");

/** Runs `penumbra ...args` to its end; gives its time and the most that all its processes held at one moment, both also by what it did. */
export function measured(args, { cache }) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, PENUMBRA_CACHE: cache },
  });
  const memory = { residentBytes: 0, residentDuring: "", residentByStep: {}, proportionalBytes: 0, processes: 0 };
  let step = "";
  child.stderr.on("data", (text) => {
    process.stderr.write(text);
    step = /^(?:[a-z-]+: )?[a-z -]+/.exec(`${text}`.trim())?.[0].trim() ?? step;
  });
  const secondsByStep = {};
  const cpu = new Map();
  let [looks, lookedAt] = [0, startedAt];
  const timer = setInterval(() => {
    const family = familyOf(child.pid);
    const resident = sum(family.map(rssBytes));
    const now = performance.now();
    secondsByStep[step] = (secondsByStep[step] ?? 0) + (now - lookedAt) / 1000;
    lookedAt = now;
    memory.residentByStep[step] = Math.max(memory.residentByStep[step] ?? 0, resident);
    if (resident > memory.residentBytes) Object.assign(memory, { residentBytes: resident, residentDuring: step });
    if (looks++ % 20 === 0)
      memory.proportionalBytes = Math.max(memory.proportionalBytes, sum(family.map(proportionalBytes)));
    memory.processes = Math.max(memory.processes, family.length);
    for (const pid of family) cpu.set(pid, Math.max(cpu.get(pid) ?? 0, cpuSecondsOf(pid)));
  }, 200);
  return new Promise((done, fail) => {
    child.once("close", (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1000;
      if (code === 0) done({ seconds, secondsByStep, cpuSeconds: sum([...cpu.values()]), memory });
      else fail(new Error(`penumbra ${args[0]} ended with ${code}`));
    });
  });
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** A process and all below it. */
function familyOf(pid) {
  const children = procText(`${pid}/task`, (path) =>
    readdirSync(path).map((task) => readFileSync(join(path, task, "children"), "utf8")),
  ).flatMap((text) => text.trim().split(" ").filter(Boolean).map(Number));
  return [pid, ...children.flatMap(familyOf)];
}

function rssBytes(pid) {
  const [text] = procText(`${pid}/status`, (path) => [readFileSync(path, "utf8")]);
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(text ?? "")?.[1] ?? 0);
}

function proportionalBytes(pid) {
  const [text] = procText(`${pid}/smaps_rollup`, (path) => [readFileSync(path, "utf8")]);
  return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(text ?? "")?.[1] ?? 0);
}

/** `utime` and `stime` of proc(5), in ticks of 10 ms. */
function cpuSecondsOf(pid) {
  const [text] = procText(`${pid}/stat`, (path) => [readFileSync(path, "utf8")]);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

/** Nothing where the process has just ended. */
function procText(path, texts) {
  try {
    return texts(join("/proc", path));
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return [];
    throw error;
  }
}
