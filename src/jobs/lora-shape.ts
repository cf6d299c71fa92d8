import type { LoraShape } from "../training/index.ts";
import type { Config } from "./config.ts";

/** The shape of the adapter that a training makes: what it is forecast in, whole, and what stands in the keys of that. */
export function loraShape({ train }: Pick<Config, "train">): LoraShape {
  const { rank, alpha, rslora, dora, targetModules: targets, layers, rankPattern, alphaPattern } = train;
  return { rank, alpha, rslora, dora, targets, layers, rankPattern, alphaPattern };
}
