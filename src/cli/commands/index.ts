import type { Register } from "../command.ts";
import { registerAudit } from "./audit.ts";
import { registerBenchmark } from "./benchmark.ts";
import { registerCache } from "./cache.ts";
import { registerChat } from "./chat.ts";
import { registerCot } from "./cot.ts";
import { registerDictionary } from "./dictionary.ts";
import { registerDoctor } from "./doctor.ts";
import { registerEval } from "./eval.ts";
import { registerFilter } from "./filter.ts";
import { registerFinetune } from "./finetune.ts";
import { registerForecast } from "./forecast.ts";
import { registerGenerate } from "./generate.ts";
import { registerInit } from "./init.ts";
import { registerKeys } from "./keys.ts";
import { registerModels } from "./models.ts";
import { registerPrepare } from "./prepare.ts";
import { registerRepair } from "./repair.ts";
import { registerReport } from "./report.ts";
import { registerRun } from "./run.ts";
import { registerServe } from "./serve.ts";
import { registerSign } from "./sign.ts";
import { registerSigningKey } from "./signing-key.ts";
import { registerStart } from "./start.ts";
import { registerStudy } from "./study.ts";
import { registerTrace } from "./trace.ts";
import { registerValidate } from "./validate.ts";
import { registerVerify } from "./verify.ts";
import { registerWorker } from "./worker.ts";

/** All commands in the order of the help. */
export const commands: readonly Register[] = [
  registerStart,
  registerInit,
  registerRun,
  registerValidate,
  registerForecast,
  registerFilter,
  registerFinetune,
  registerRepair,
  registerAudit,
  registerEval,
  registerCot,
  registerBenchmark,
  registerChat,
  registerGenerate,
  registerReport,
  registerSign,
  registerVerify,
  registerSigningKey,
  registerStudy,
  registerPrepare,
  registerDictionary,
  registerTrace,
  registerModels,
  registerServe,
  registerWorker,
  registerKeys,
  registerDoctor,
  registerCache,
];
