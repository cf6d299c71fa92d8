/**
 * Where a job works: `runs/<job>/<fence>`. Who takes a job over renames the folder of the one before to its own fence:
 * that takes it away, in one step, from a process that does not know yet that it has lost the job. What such a process
 * still writes lands beside and is removed. The files that it reads lie under its fence too, in `<fence>.data`: whoever
 * ends late clears away its own and not those of its successor.
 */
import { copyFile, link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FencedError, type Lease } from "../state/index.ts";

export const runFolderOf = (jobId: string, fence: number) => join("runs", jobId, String(fence));
export const dataFolderOf = ({ jobId, fence }: Lease) => join("runs", jobId, `${fence}.data`);

/** Gives the folder, made new or with all that was done before. */
export async function takeFolder(data: string, jobId: string, fence: number): Promise<string> {
  const place = join(data, "runs", jobId);
  await mkdir(place, { recursive: true });
  const others = await fencesIn(place);
  if (others.some((other) => other > fence)) throw new FencedError(`job ${jobId} has gone to another (fence ${fence})`);
  const mine = join(place, String(fence));
  const last = others.filter((other) => other < fence).at(-1);
  if (last === undefined) await mkdir(mine, { recursive: true });
  else await rename(join(place, String(last)), mine);
  // Announced in it is whoever had it before.
  await rm(join(mine, ".lock"), { recursive: true, force: true });
  await removeOthers(data, jobId, fence);
  return mine;
}

/** A training or validation file under its own id, for this attempt alone; another name of the same contents. */
export async function layDataFile(data: string, lease: Lease, fileId: string, blob: string): Promise<string> {
  const folder = join(data, dataFolderOf(lease));
  const path = join(folder, `${fileId}.jsonl`);
  await mkdir(folder, { recursive: true });
  await rm(path, { force: true });
  await link(blob, path).catch(async (error: NodeJS.ErrnoException) => {
    // File systems without hard links.
    if (!["EPERM", "ENOTSUP", "EXDEV", "EMLINK"].includes(error.code ?? "")) throw error;
    await copyFile(blob, path);
  });
  return path;
}

/** Removes the files that this attempt read. */
export function removeDataFiles(data: string, lease: Lease): Promise<void> {
  return rm(join(data, dataFolderOf(lease)), { recursive: true, force: true });
}

/** Removes all that lies under fences before `fence`. */
export async function removeOthers(data: string, jobId: string, fence: number): Promise<void> {
  const place = join(data, "runs", jobId);
  for (const name of await namesIn(place)) {
    const [, other] = /^(\d+)(?:\.data)?$/.exec(name) ?? [];
    if (other !== undefined && Number(other) < fence) await rm(join(place, name), { recursive: true, force: true });
  }
}

/** Removes all that a job has left. */
export function removeRuns(data: string, jobId: string): Promise<void> {
  return rm(join(data, "runs", jobId), { recursive: true, force: true });
}

/** Where a job that is not over has come to; null where it has not begun. */
export async function lastRunFolder(data: string, jobId: string): Promise<string | null> {
  const fence = (await fencesIn(join(data, "runs", jobId))).at(-1);
  return fence === undefined ? null : join(data, runFolderOf(jobId, fence));
}

/** Fences whose run folders are there, rising. */
async function fencesIn(place: string): Promise<number[]> {
  const names = await namesIn(place);
  return names.flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : [])).sort((a, b) => a - b);
}

function namesIn(place: string): Promise<string[]> {
  return readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}
