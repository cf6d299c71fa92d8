import { isDeepStrictEqual } from "node:util";
import { UserError } from "../core/index.ts";
import { type Config, TrainConfig } from "./config.ts";

/** What speaks of an adapter, or is not there for all weights. */
const loraKeys = [
  "rank",
  "alpha",
  "rslora",
  "dora",
  "targetModules",
  "layers",
  "rankPattern",
  "alphaPattern",
  "recompute",
] as const satisfies readonly (keyof TrainConfig)[];

/** Refuses settings that a training of all weights would pass over. */
export function refuseLoraKeys({ train }: Pick<Config, "train">): void {
  if (train.method !== "full") return;
  const usual = TrainConfig.parse({});
  const key = loraKeys.find((each) => !isDeepStrictEqual(train[each], usual[each]));
  if (key === undefined) return;
  throw new UserError(`train.${key}`, {
    expected: "train.method lora, where it means something",
    got: `${JSON.stringify(train[key])} with train.method full, which trains every weight of every layer as it is`,
    fix: `leave train.${key} out, or set train.method: lora`,
  });
}
