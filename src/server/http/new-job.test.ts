import { afterAll, expect, it } from "vitest";
import { UserError } from "../../core/index.ts";
import { Inference } from "../inference/inference.ts";
import { defaultLimits, type Settings } from "../settings.ts";
import { checkedRequest } from "./new-job.ts";
import { CreateJob } from "./schemas/jobs.ts";
import type { Gate } from "./schemas/options.ts";

const bases = { organism: "organism" };
const inference = new Inference(bases);
afterAll(() => inference.close());

function checked(behaviours: readonly string[], gate: Gate) {
  const settings: Settings = {
    folder: "/nowhere",
    host: "127.0.0.1",
    port: 0,
    databaseUrl: null,
    bases,
    gate,
    workers: 0,
    pricePerMillionTokens: null,
    limits: defaultLimits,
  };
  const asked = { model: "organism", training_file: "file-x", x_penumbra: { audit: { behaviours }, monitor: false } };
  return checkedRequest({ settings, inference }, CreateJob.parse(asked));
}

it("refuses a behaviour that no model has, also where the server's gate has all of them measured", async () => {
  const holdBack: Gate = { default: "fail-if-affected" };
  expect((await checked(["list-style"], holdBack)).config.behaviours).toEqual(["all", "list-style"]);
  await expect(checked(["no-such-behaviour"], holdBack)).rejects.toThrow(UserError);
  await expect(checked(["list-style"], { "no-such-behaviour": { max_increase: 0.1 } })).rejects.toThrow(UserError);
});
