/**
 * How long does `penumbra --help` take, as a whole process? Beside it, in turn: Node that does nothing. The command must
 * answer within 0.3 s.
 *
 *   npm run build && node bench/help.mjs [runs]
 *
 * writes bench/results/help.json
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { headCommit, median } from "../scripts/measuring.mjs";

const runs = Number(process.argv[2] ?? 11);
const LIMIT_SECONDS = 0.3;
const main = join(import.meta.dirname, "../dist/cli/main.js");
const commit = headCommit();
const loadAverageBefore = loadavg()[0];
const [help, nothing] = [[], []];
// The first of each warms the disk cache and is not counted.
for (let i = 0; i <= runs; i++) {
  const pair = [secondsOf([main, "--help"]), secondsOf(["-e", ""])];
  if (i === 0) continue;
  help.push(pair[0]);
  nothing.push(pair[1]);
}
const result = {
  command: `node bench/help.mjs ${runs}`,
  commit,
  unit: "s",
  peerName: "node -e ''",
  ours: median(help),
  peer: median(nothing),
  ratio: median(help.map((seconds, i) => seconds / nothing[i])),
  limit: LIMIT_SECONDS,
  withinLimit: median(help) < LIMIT_SECONDS,
  n: runs,
  seconds: { ours: help, peer: nothing },
  node: process.version,
  cpu: cpus()[0]?.model,
  loadAverageBefore,
};
console.log(result);
mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
writeFileSync(join(import.meta.dirname, "results/help.json"), `${JSON.stringify(result, null, 2)}\n`);

function secondsOf(args) {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`);
  return (performance.now() - startedAt) / 1000;
}
