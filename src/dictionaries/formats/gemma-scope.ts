/**
 * Gemma Scope 1 (google/gemma-scope-{2b,9b,27b}-*): `params.npz` alone. What it is stands in the path only: the
 * repository's name says the model and the place, the folders say the layer (`layer_12/width_16k/average_l0_82`).
 *
 * - JumpReLU as in Gemma Scope 2; names of arrays begin with W or w.
 * - Transcoders read the MLP's norm before its gain (`ln2.hook_normalized`) and write behind the norm that follows the MLP.
 * - Dictionaries of the embedding were trained on its rows before they are scaled by √dModel: E/√d and d √d here.
 */
import { join, resolve } from "node:path";
import { openNpz, readView, scaledView, transposedView, unsqueezedView } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import type { FiledCoder } from "../coders/sparse-coder.ts";
import { fault, tensorTaker } from "./folder.ts";
import type { CoderFormat, OpenHints } from "./format.ts";

const PARAMS = "params.npz";

export const gemmaScope: CoderFormat = {
  name: "gemma-scope",
  files: PARAMS,
  recognises: (names) => names.includes(PARAMS),
  open: async (folder, _names, hints) => [await openFolder(folder, hints)],
  cannotHold: () => "nothing: the format says in a path of the hub what a dictionary is",
  write: async (folder) => {
    throw fault(folder, "a format that says what it holds", "gemma-scope", "convert to gemma-scope-2");
  },
};

interface Place {
  readonly modelName: string | null;
  readonly hook: HookName;
  readonly out: HookName;
}

async function openFolder(folder: string, hints: OpenHints): Promise<FiledCoder> {
  const place = placeOf(folder, hints);
  const arrays = await openNpz(join(folder, PARAMS));
  const taker = tensorTaker(folder, new Map([...arrays].map(([name, view]) => [name.replace(/^W_/, "w_"), view])));
  const encoder = taker.take("w_enc", [null, null]);
  const [dIn = 0, nLatents = 0] = encoder.shape;
  const decoder = taker.take("w_dec", [nLatents, null]);
  const dOut = decoder.shape[1] ?? 0;
  const factor = taker.takeIfAny("scaling_factor", [null]);
  if (factor && (await readView(factor)).some((value) => Math.abs(value - 1) > 1e-5))
    throw fault(folder, "scaling factors of 1", "others", "use a dictionary without them");
  const scale = place.hook === "hook_embed" ? Math.sqrt(dIn) : 1;
  const group = {
    hooks: [place.hook],
    dIn,
    nLatents,
    inputNorm: "none" as const,
    inputBias: null,
    encoder: scaledView(transposedView(encoder), 1 / scale),
    encoderBias: taker.take("b_enc", [nLatents]),
    activation: { type: "jumprelu" as const, threshold: taker.take("threshold", [nLatents]) },
    decoder: scaledView(unsqueezedView(decoder, 1), scale),
    firstOutput: 0,
    written: 1,
  };
  const output = { hook: place.out, dOut, bias: taker.take("b_dec", [dOut]), skip: null };
  taker.done();
  const kind = place.hook === place.out ? "sae" : "transcoder";
  return { kind, modelName: place.modelName, groups: [group], outputs: [output] };
}

function placeOf(folder: string, { hook: hint }: OpenHints): Place {
  const path = resolve(folder);
  const [, size, variant, site] = /gemma-scope-(2b|9b|27b)-(pt|it)-(res|mlp|att|transcoders)/.exec(path) ?? [];
  const modelName = size === undefined ? null : `google/gemma-2-${size}${variant === "it" ? "-it" : ""}`;
  if (hint) return { modelName, hook: hint, out: outOf(hint) };
  const layer = /layer_(\d+)/.exec(path)?.[1];
  if (site === "res" && /embedding/.test(path)) return { modelName, hook: "hook_embed", out: "hook_embed" };
  if (site === undefined || layer === undefined)
    throw fault(
      folder,
      "a path with gemma-scope-…-{res,mlp,att,transcoders} and layer_N",
      "another",
      "say where it reads with --hook, for example --hook blocks.12.hook_resid_post",
    );
  const places: Readonly<Record<string, string>> = {
    res: "hook_resid_post",
    mlp: "hook_mlp_out",
    att: "attn.hook_z",
    transcoders: "ln2.hook_normalized",
  };
  const hook = `blocks.${layer}.${places[site]}` as HookName;
  return { modelName, hook, out: outOf(hook) };
}

/** What reads the MLP's normalised input is a transcoder. */
function outOf(hook: HookName): HookName {
  return hook.endsWith("ln2.hook_normalized")
    ? (hook.replace("ln2.hook_normalized", "hook_mlp_out") as HookName)
    : hook;
}
