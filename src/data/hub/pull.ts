/**
 * Downloads a model, or one folder of a repository of dictionaries, into the cache that the Python libraries keep, so that they find it and we find theirs:
 *
 *   models--<org>--<name>/refs/<revision>            the commit that the revision was
 *                        /blobs/<etag>               contents: sha256 of large files, git's sha1 of small ones
 *                        /snapshots/<commit>/<file>  links to blobs
 *
 * 1. Ask which commit the revision is and which files it has.
 * 2. For each wanted file ask for its etag and size; what the cache has under that etag is not fetched again.
 * 3. Fetch into `blobs/<etag>.incomplete`, from where it ended last time (HTTP Range), and check the content against the
 *    etag before it gets its name.
 * 4. Link the files, and only when all are there write the ref: an interrupted pull is never taken for a model.
 */
import { copyFile, mkdir, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { type OnProgress, UserError } from "../../core/index.ts";
import { atomicWriteFile, lockFolder } from "../../store/index.ts";
import { download, type RemoteFile } from "./blob.ts";
import { ask, type HubClient } from "./client.ts";

export interface PullRequest {
  readonly client: HubClient;
  /** `org/name` */
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Where the cache keeps repositories (`hubFolder()`). */
  readonly hub: string;
  /** Names of files; null: what it takes to open the model. */
  readonly files: readonly string[] | null;
  /** A folder of the repository, empty for all of it: the files in it that dictionaries are made of, and no others. */
  readonly dictionary?: string;
  readonly onProgress?: OnProgress;
}

export interface Pulled {
  /** The snapshot's folder. */
  readonly folder: string;
  readonly commit: string;
  readonly files: readonly string[];
  readonly bytes: number;
  /** Bytes that came over the network this time. */
  readonly fetchedBytes: number;
}

export async function pullModel(request: PullRequest): Promise<Pulled> {
  const { client, id, revision, hub } = request;
  checkNames(id, revision);
  const { commit, names } = await listFiles(request);
  const repository = join(hub, `models--${id.replace("/", "--")}`);
  await mkdir(join(repository, "blobs"), { recursive: true });
  const release = lockFolder(join(repository, "blobs"), "this model is");
  try {
    const files = [];
    for (const name of names) files.push(await lookUp(client, id, commit, name));
    const fetchedBytes = await fetchAll(request, files, join(repository, "blobs"));
    const folder = join(repository, "snapshots", commit);
    for (const file of files) await link(join(repository, "blobs", file.etag), join(folder, file.name));
    if (revision !== commit) await writeRef(join(repository, "refs", revision), commit);
    return { folder, commit, files: names, bytes: files.reduce((sum, { size }) => sum + size, 0), fetchedBytes };
  } finally {
    release();
  }
}

function checkNames(id: string, revision: string): void {
  const wrong = (subject: string, expected: string, got: string) =>
    new UserError(subject, { expected, got: JSON.stringify(got.slice(0, 80)), fix: "check the spelling" });
  if (!/^[\w.-]+\/[\w.-]+$/.test(id) || id.includes("..")) throw wrong("model", "a hub id such as org/name", id);
  if (!/^[\w.-]+$/.test(revision) || revision.includes(".."))
    throw wrong("revision", "a branch, tag or commit", revision);
}

const RepositoryAnswer = z.looseObject({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.looseObject({ rfilename: z.string() })),
});

/** The commit behind the revision, and the files to fetch. */
async function listFiles({
  client,
  id,
  revision,
  files,
  dictionary,
}: PullRequest): Promise<{ commit: string; names: string[] }> {
  const response = await ask(client, { path: `/api/models/${id}/revision/${encodeURIComponent(revision)}` }, id);
  const answer: unknown = await response.json().catch(() => null);
  const parsed = RepositoryAnswer.safeParse(answer);
  if (!parsed.success) throw notTheHub(client);
  const { sha, siblings } = parsed.data;
  if (dictionary !== undefined) {
    const all = siblings.map(({ rfilename }) => rfilename);
    return { commit: sha, names: dictionaryFiles(id, dictionary, all) };
  }
  const plain = siblings.map(({ rfilename }) => rfilename).filter(isPlainName);
  const names = files ? plain.filter((name) => files.includes(name)) : plain.filter(isWanted);
  const missing = files?.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw noSuch(
      id,
      missing,
      plain.filter((name) => /\.gguf$|safetensors|json$/.test(name)),
    );
  if (!files && !names.some((name) => name.endsWith(".safetensors"))) throw noWeights(id, plain);
  return { commit: sha, names: names.sort() };
}

/** Files in folders of a repository are other formats' copies; names come from outside and become paths. */
const isPlainName = (name: string) => /^[\w][\w.+ -]*$/.test(name) && !name.includes("..");

/** Names in folders become paths too: every part must be plain. */
const isPlainPath = (name: string) => name.split("/").every(isPlainName);

function dictionaryFiles(id: string, folder: string, all: readonly string[]): string[] {
  const inFolder = (name: string) => folder === "" || name.startsWith(`${folder}/`);
  const kept = all.filter((name) => isPlainPath(name) && /\.(safetensors|npz|pt|json|yaml)$/.test(name));
  const names = kept.filter(inFolder).sort();
  // A configuration alone may list files that lie elsewhere.
  const lists = names.includes(folder === "" ? "config.yaml" : `${folder}/config.yaml`);
  if (lists || names.some((name) => !/\.(json|yaml)$/.test(name))) return names;
  const folders = [...new Set(kept.filter((name) => name.includes("/")).map((name) => name.replace(/\/[^/]*$/, "")))];
  throw new UserError(`dictionary ${id}`, {
    expected: `weights in ${folder === "" ? "the repository" : folder}`,
    got: "none",
    fix: folders.length === 0 ? "check the name" : `name one of ${nearest(folder, folders).join(", ")}`,
  });
}

/** Those that begin most like what was asked for. */
function nearest(asked: string, folders: readonly string[]): string[] {
  const alike = (name: string) => [...name].findIndex((letter, i) => letter !== asked[i]);
  const length = (name: string) => (alike(name) < 0 ? name.length : alike(name));
  return [...folders].sort((a, b) => length(b) - length(a) || a.localeCompare(b)).slice(0, 6);
}

const TEXT =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|chat_template|vocab|added_tokens)\.json$/;

function isWanted(name: string): boolean {
  return (
    TEXT.test(name) ||
    name === "chat_template.jinja" ||
    /^(model.*|pytorch_model.*)\.safetensors(\.index\.json)?$/.test(name)
  );
}

function notTheHub({ endpoint }: HubClient): UserError {
  return new UserError(`hub ${endpoint}`, {
    expected: "a commit and a list of files",
    got: "another answer",
    fix: "check HF_ENDPOINT",
  });
}

function noSuch(id: string, name: string, known: readonly string[]): UserError {
  const fix = `name one of ${known.slice(0, 12).join(", ")}`;
  return new UserError(`model ${id}`, { expected: `a file ${name}`, got: "none of that name", fix });
}

function noWeights(id: string, names: readonly string[]): UserError {
  const gguf = names.filter((name) => name.endsWith(".gguf"));
  return new UserError(`model ${id}`, {
    expected: "safetensors",
    got: gguf.length > 0 ? `GGUF files only: ${gguf.slice(0, 6).join(", ")}` : "none (pickle files are never read)",
    fix: gguf.length > 0 ? `name one: --file ${gguf[0]}` : "choose a repository with safetensors",
  });
}

/** Etag and size without the content; the etag is a hash that the content is held to. */
async function lookUp(client: HubClient, id: string, commit: string, name: string): Promise<RemoteFile> {
  const path = `/${id}/resolve/${commit}/${name.split("/").map(encodeURIComponent).join("/")}`;
  const { headers } = await ask(client, { path, method: "HEAD", stay: true }, id);
  const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(etag) && Number.isSafeInteger(size) && size >= 0)
    return { name, path, etag, size };
  throw new UserError(`model ${id}`, {
    expected: `a hash and a size of ${name}`,
    got: `etag ${JSON.stringify(etag.slice(0, 70))}`,
    fix: "check HF_ENDPOINT",
  });
}

async function fetchAll(
  { client, id, onProgress }: PullRequest,
  files: readonly RemoteFile[],
  blobs: string,
): Promise<number> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let fetched = 0;
  for (const file of files) {
    fetched += await download({ client, id, file, blobs }, (bytes) => {
      onProgress?.({ task: `pull ${id}`, step: done + bytes, total, message: file.name });
    });
    done += file.size;
  }
  return fetched;
}

/** A link as the Python libraries make it; a copy where the file system has no links. */
async function link(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(relative(dirname(path), blob), path).catch(async (error) => {
    if (!["EPERM", "ENOSYS", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyFile(blob, path);
  });
}

async function writeRef(path: string, commit: string): Promise<void> {
  if (
    await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
  )
    return;
  await atomicWriteFile(path, commit);
}
