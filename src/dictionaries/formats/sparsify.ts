/**
 * EleutherAI's sparsify: a folder per module (`layers.12`, `layers.12.mlp`, `embed_tokens`) with `cfg.json` and
 * `sae.safetensors`. The folder's name says the place.
 *
 * - p = E x + e, with b taken off x unless it transcodes; ReLU, then the k largest (or the largest of k runs, `groupmax`).
 * - `W_dec [latents, d_in]` has a latent a row; `W_skip [d_in, d_in]` is S.
 */
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { unsqueezedView } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import type { Activation, FiledCoder, LoadedCoder } from "../coders/sparse-coder.ts";
import { fault, filesOf, parsed, readJson, safetensorsOf, tensorTaker } from "./folder.ts";
import type { CoderFormat, OpenHints } from "./format.ts";
import { mkdirFor, writeTensors } from "./write.ts";

const CONFIG = "cfg.json";
const WEIGHTS = "sae.safetensors";

/** Older files carry keys that say nothing about what is computed (`signed`, …). */
const Config = z.looseObject({
  activation: z.enum(["topk", "groupmax"]).default("topk"),
  k: z.number().int().positive(),
  transcode: z.boolean().default(false),
  d_in: z.number().int().positive(),
});

/** Of the training run, beside the folders: the model's name. */
const Run = z.looseObject({ model: z.string().optional() });

export const sparsify: CoderFormat = {
  name: "sparsify",
  files: `${CONFIG} and ${WEIGHTS}`,
  recognises: (names) => names.includes(CONFIG) && names.includes(WEIGHTS),
  open: async (folder, _names, hints) => [await openFolder(folder, hints)],
  cannotHold: (coders) => {
    const sound = coders.every(
      ({ kind, groups: [group] }) =>
        (kind === "sae" || kind === "transcoder" || kind === "skip_transcoder") &&
        group !== undefined &&
        holds(group.activation) &&
        group.inputNorm === "none" &&
        (kind === "sae") === (group.inputBias !== null),
    );
    return sound ? null : "TopK dictionaries; transcoders of them may not take off a bias";
  },
  write: async (folder, coders, { dtype = "F32" }) => {
    const several = coders.length > 1;
    for (const coder of coders) await writeOne(several ? join(folder, moduleOf(coder)) : folder, coder, dtype);
    await atomicWriteFile(join(folder, "config.json"), `${JSON.stringify({ model: coders[0]?.modelName ?? null })}\n`);
  },
};

function holds(activation: Activation<Float32Array>): boolean {
  return activation.type === "groupmax" || (activation.type === "topk" && !activation.byNorm);
}

async function openFolder(folder: string, hints: OpenHints): Promise<FiledCoder> {
  const config = parsed(folder, Config, await readJson(folder, CONFIG), `sparsify's ${CONFIG}`);
  const { d_in: dIn, k, transcode } = config;
  const { hook, out } = placesOf(folder, transcode, hints);
  const taker = tensorTaker(folder, await safetensorsOf(folder, WEIGHTS));
  const encoder = taker.take("encoder.weight", [null, dIn]);
  const nLatents = encoder.shape[0] ?? 0;
  if (k > nLatents) throw fault(folder, `k at most ${nLatents}, the number of latents`, String(k));
  if (config.activation === "groupmax" && nLatents % k !== 0)
    throw fault(folder, "k runs of latents", `${nLatents}/${k}`);
  const activation: Activation<never> =
    config.activation === "topk" ? { type: "topk", k, byNorm: false } : { type: "groupmax", k };
  const bias = taker.take("b_dec", [dIn]);
  const skip = taker.takeIfAny("W_skip", [dIn, dIn]);
  const group = {
    hooks: [hook],
    dIn,
    nLatents,
    inputNorm: "none" as const,
    inputBias: transcode ? null : bias,
    encoder,
    encoderBias: taker.take("encoder.bias", [nLatents]),
    activation,
    decoder: unsqueezedView(taker.take("W_dec", [nLatents, dIn]), 1),
    firstOutput: 0,
    written: 1,
  };
  taker.done();
  const kind = skip ? "skip_transcoder" : transcode ? "transcoder" : "sae";
  return { kind, modelName: await modelOf(folder), groups: [group], outputs: [{ hook: out, dOut: dIn, bias, skip }] };
}

/** The training run's configuration lies in the folder itself or in the one around it. */
async function modelOf(folder: string): Promise<string | null> {
  for (const at of [folder, dirname(resolve(folder))]) {
    const names = await filesOf(at).catch((): string[] => []);
    if (!names.includes("config.json")) continue;
    const run = Run.safeParse(await readJson(at, "config.json"));
    if (run.success && run.data.model !== undefined) return run.data.model;
  }
  return null;
}

const modulePlaces: Readonly<Record<string, { readonly input: string; readonly output: string }>> = {
  "": { input: "hook_resid_pre", output: "hook_resid_post" },
  ".mlp": { input: "mlp.hook_in", output: "hook_mlp_out" },
  ".self_attn": { input: "ln1.hook_normalized", output: "hook_attn_out" },
  ".attn": { input: "ln1.hook_normalized", output: "hook_attn_out" },
};

function placesOf(folder: string, transcode: boolean, { hook }: OpenHints): { hook: HookName; out: HookName } {
  if (hook)
    return {
      hook,
      out: hook.endsWith("mlp.hook_in") ? (hook.replace("mlp.hook_in", "hook_mlp_out") as HookName) : hook,
    };
  const name = basename(resolve(folder));
  if (name === "embed_tokens" && !transcode) return { hook: "hook_embed", out: "hook_embed" };
  const [, layer, module = ""] = /^(?:model\.)?(?:layers|h)\.(\d+)(|\.mlp|\.self_attn|\.attn)$/.exec(name) ?? [];
  const place = modulePlaces[module];
  if (layer === undefined || !place)
    throw fault(
      folder,
      "a folder called layers.N, layers.N.mlp or embed_tokens",
      name,
      "say where it reads with --hook",
    );
  const at = (end: string) => `blocks.${layer}.${end}` as HookName;
  return { hook: at(transcode ? place.input : place.output), out: at(place.output) };
}

function moduleOf({ outputs }: LoadedCoder): string {
  const hook = outputs[0]?.hook ?? "hook_embed";
  const [, layer, place] = /^blocks\.(\d+)\.(.+)$/.exec(hook) ?? [];
  const module = Object.keys(modulePlaces).find((key) => modulePlaces[key]?.output === place);
  return layer === undefined || module === undefined ? "embed_tokens" : `layers.${layer}${module}`;
}

async function writeOne(folder: string, coder: LoadedCoder, dtype: "F16" | "BF16" | "F32" | "F64"): Promise<void> {
  const { kind, groups, outputs } = coder;
  const [group, output] = [groups[0], outputs[0]];
  if (!group || !output) throw new Error("a coder without latents");
  const { dIn, nLatents, activation } = group;
  await mkdirFor(folder);
  await writeTensors(folder, WEIGHTS, dtype, [
    { name: "encoder.weight", shape: [nLatents, dIn], values: group.encoder },
    { name: "encoder.bias", shape: [nLatents], values: group.encoderBias ?? new Float32Array(nLatents) },
    { name: "W_dec", shape: [nLatents, dIn], values: group.decoder },
    { name: "b_dec", shape: [dIn], values: output.bias ?? new Float32Array(dIn) },
    ...(output.skip ? [{ name: "W_skip", shape: [dIn, dIn], values: output.skip }] : []),
  ]);
  const config = {
    activation: activation.type,
    expansion_factor: Math.max(1, Math.round(nLatents / dIn)),
    normalize_decoder: true,
    num_latents: nLatents,
    k: "k" in activation ? activation.k : nLatents,
    multi_topk: false,
    skip_connection: output.skip !== null,
    transcode: kind !== "sae",
    d_in: dIn,
  };
  await atomicWriteFile(join(folder, CONFIG), `${JSON.stringify(config)}\n`);
}
