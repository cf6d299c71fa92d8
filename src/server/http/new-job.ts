/** What is looked at before a job is written: names, files, quotas; and what it would take. */
import { checkGuard, checkNames, type OpenedModel, watchable, withinPositions } from "../../jobs/index.ts";
import type { Counts } from "../run/reading.ts";
import { type JobRequest, jobRequest } from "../run/request.ts";
import {
  type Database,
  type FileRow,
  findFile,
  holdContents,
  holdProject,
  type NewJob,
  type paceOf,
  unfinishedJobs,
} from "../state/index.ts";
import type { Services } from "./context.ts";
import { invalid, overQuota } from "./errors.ts";
import { faultsInShort } from "./schemas/files.ts";
import type { CreateJob } from "./schemas/jobs.ts";

/** Names that no model has are found now and not after the training. */
export async function checkedRequest(
  { settings, inference }: Pick<Services, "settings" | "inference">,
  asked: CreateJob,
): Promise<JobRequest> {
  const drawSeed = () => Math.floor(Math.random() * 2 ** 31);
  const request = jobRequest(asked, { ...settings, drawSeed });
  const model = await inference.base(request.base);
  checkMeasured(model, request);
  const config = withinPositions({ ...request.config, monitor: monitorFor(model, request) }, model);
  checkGuard(model, config);
  return { ...request, config };
}

/** Beside `all`, which the server's gate may add, a behaviour that no model has would go unnoticed. */
function checkMeasured(model: OpenedModel, { config, serverGate }: JobRequest): void {
  const named = config.behaviours.filter((name) => name !== "all");
  checkNames(model, { behaviours: named, task: config.task });
  checkNames(model, config);
  checkNames(model, { ...config, gate: serverGate });
}

/** A monitor that was asked for by name stays as it is; one that was not looks at what it can. */
function monitorFor(model: OpenedModel, { config, options }: JobRequest): JobRequest["config"]["monitor"] {
  const { monitor } = config;
  const named = options.monitor && typeof options.monitor === "object" && "behaviours" in options.monitor;
  if (!monitor || named) return monitor;
  const behaviours = watchable(model, monitor.behaviours);
  return behaviours.length > 0 ? { ...monitor, behaviours } : null;
}

export type JobFiles = Pick<NewJob, "training_file" | "training_sha256" | "validation_file" | "validation_sha256">;

/** The files of a new job; until the transaction ends nobody can delete their contents. */
export async function heldFiles(tx: Database, projectId: string, asked: CreateJob): Promise<JobFiles> {
  const before = await filesOf(tx, projectId, asked);
  await holdContents(tx, ...[before.training_sha256, before.validation_sha256].filter((sha256) => sha256 !== null));
  return filesOf(tx, projectId, asked);
}

export async function filesOf(db: Database, projectId: string, asked: CreateJob): Promise<JobFiles> {
  const training = await dataFile(db, projectId, { id: asked.training_file, param: "training_file" });
  const type = asked.method?.type ?? "supervised";
  refuseFormat(training, type, "training_file");
  const files = { training_file: training.id, training_sha256: training.sha256 };
  if (!asked.validation_file) return { ...files, validation_file: null, validation_sha256: null };
  const validation = await dataFile(db, projectId, { id: asked.validation_file, param: "validation_file" });
  refuseFormat(validation, type, "validation_file");
  if (validation.sha256 === training.sha256)
    throw invalid(
      "The validation file holds the training rows: what was learned would be checked on itself",
      "validation_file",
    );
  return { ...files, validation_file: validation.id, validation_sha256: validation.sha256 };
}

type Param = "training_file" | "validation_file";

async function dataFile(
  db: Database,
  projectId: string,
  { id, param }: { readonly id: string; readonly param: Param },
): Promise<FileRow> {
  const file = await findFile(db, projectId, id);
  if (!file) throw invalid(`No such file: ${id}`, param, "file_not_found");
  if (file.purpose !== "fine-tune") throw invalid(`The file ${id} is no file of training rows`, param);
  if (file.status === "error")
    throw invalid(`The file ${id} has faults: ${faultsInShort(file.validation)}`, param, `invalid_${param}`);
  return file;
}

/** Preference pairs are for `dpo`, and `dpo` is for preference pairs: neither is trained as if it were the other. */
function refuseFormat({ id, validation }: FileRow, method: string, param: Param): void {
  const pairs = validation?.format === "preference";
  if (pairs === (method === "dpo")) return;
  const message = pairs
    ? `The file ${id} holds preference pairs, which the method ${method} does not train on: name the method dpo`
    : `The method dpo takes preference pairs (input, preferred_output, non_preferred_output); the file ${id} holds ${validation?.format} rows`;
  throw invalid(message, param, `invalid_${param}`);
}

/** Asked before any file is held: whoever uploads holds the project first, too. */
export async function refuseJobQuota(tx: Database, projectId: string, most: number): Promise<void> {
  await holdProject(tx, projectId);
  const open = await unfinishedJobs(tx, projectId);
  if (open >= most) throw overQuota(`The project has ${open} unfinished jobs; ${most} are allowed`, "job_quota");
}

type Pace = Awaited<ReturnType<typeof paceOf>>;

export function estimateOf(
  { rows, usableRows, tokens, faults }: Counts,
  { config }: JobRequest,
  pace: Pace,
  rate: number | null,
) {
  const { epochs, batchRows } = config.train;
  const total = tokens?.total ?? 0;
  const trained = Math.round(total * epochs);
  return {
    object: "x_penumbra.estimate" as const,
    rows,
    tokens: total,
    loss_tokens: tokens?.response ?? 0,
    truncated_rows: tokens?.truncatedRows ?? 0,
    trained_tokens: trained,
    steps: Math.max(1, Math.round(Math.ceil(usableRows / batchRows) * epochs)),
    seconds: pace.secondsPerToken === null ? null : trained * pace.secondsPerToken,
    measured_jobs: pace.jobs,
    price: rate === null ? null : { amount: (trained * rate) / 1e6, currency: "USD", per_million_tokens: rate },
    faults,
  };
}
