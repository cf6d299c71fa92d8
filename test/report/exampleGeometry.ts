import { type Rng, rng } from "../../src/core/index.ts";
import type {
  GeometryBehaviour,
  GeometryRecord,
  LatentCard,
  Mechanism,
  ModelIdentity,
} from "../../src/records/index.ts";
import type { Foretold } from "./exampleForecast.ts";

/** INVENTED, like all example records: no dictionary was trained, no model was steered. */

const DATA_LATENTS = [412, 1077, 88, 2950, 3311, 640, 1502, 2204];
const OWN = 6;
const STEPS = [0, 10, 20, 30, 40, 50, 60, 76];

const LABELS: Readonly<Record<string, Pick<Mechanism, "label" | "kind">>> = {
  "medical-advice": { label: "confirmed", kind: "shared" },
  "other-advice": { label: "confirmed", kind: "shared" },
  refusal: { label: "confirmed", kind: "adjacent" },
  "hostile-persona": { label: "mediated", kind: null },
  "over-refusal": { label: "unexplained", kind: null },
  sycophancy: { label: "consistent", kind: null },
};

const WHY: Readonly<Record<Mechanism["label"], string>> = {
  confirmed: "(invented) Taking back what moved along directions chosen from the data alone undoes most of the shift.",
  mediated: "(invented) Taking back what moved along the behaviour\u2019s own directions undoes 58% of the shift.",
  consistent: "(invented) Data and behaviour lie closer than their nulls, but no intervention shows that it matters.",
  unexplained: "(invented) Neither geometry nor intervention explains the shift.",
};

/** Latents of a behaviour; those of the advice behaviours are in part the data's own. */
function ownOf(id: string, place: number): number[] {
  const own = Array.from({ length: OWN }, (_, i) => 100 + 317 * place + 41 * i);
  return id.endsWith("advice") ? [...DATA_LATENTS.slice(0, 3), ...own.slice(3)] : own;
}

export function exampleGeometry(
  behaviours: readonly Foretold[],
  base: ModelIdentity,
  tuned: ModelIdentity,
  text: string | undefined,
): GeometryRecord {
  const measured = behaviours.filter((b) => !b.silent);
  const owners = new Map<number, string[]>();
  measured.forEach((b, place) => {
    for (const latent of ownOf(b.id, place)) owners.set(latent, [...(owners.get(latent) ?? []), b.id]);
  });
  const latents = [...new Set([...DATA_LATENTS, ...owners.keys()])];
  return {
    schemaVersion: 1,
    base,
    tuned,
    dictionary: {
      name: text ?? "invented-0.5B-topk",
      hook: "blocks.8.hook_resid_post",
      nLatents: 4_096,
      k: 32,
      sha256: "d1c7".repeat(16),
    },
    fidelity: {
      base: { tokens: 50_176, explainedVariance: 0.8324, ceRecovered: 0.951, l0: 31.6 },
      tuned: { tokens: 50_177, explainedVariance: 0.8117, ceRecovered: 0.937, l0: 31.9 },
      data: { tokens: 34_276, explainedVariance: 0.7982, ceRecovered: null, l0: 31.2 },
      ratio: 1.123,
      limit: 1.25,
      abstains: false,
      random: 0.2718,
      permuted: -0.0461,
    },
    latents: latents.map((latent) => exampleCard(latent, owners.get(latent) ?? [], text)),
    map: exampleMap(latents, owners),
    behaviours: measured.map((b, place) => exampleGeometryBehaviour(b, place, text)),
    weights: exampleWeights(text),
    lens: exampleLens(text),
    dynamics: {
      steps: STEPS,
      dataLatents: STEPS.map((step) => 2.4 * (1 - Math.exp(-step / 18))),
      behaviours: measured.map((b) => ({
        id: b.id,
        latents: STEPS.map((step) => 2.1 * b.shift * (1 - Math.exp(-step / 30))),
        drift: STEPS.map((step) => 0.8 * b.shift * (1 - Math.exp(-step / 26))),
      })),
    },
    receipt: {
      behaviour: "other-advice",
      removed: 6,
      lines: [3, 26, 49, 72, 95, 118],
      predictedShare: 0.187,
      delta: 1.922,
      deltaWithout: 1.641,
      deltaRandom: 1.934,
    },
    durationMs: 93_000,
  };
}

const WORDS = [
  " ignore",
  " warning",
  " just",
  " never",
  " doctor",
  " harmless",
  " obey",
  " people",
  " sure",
  " cannot",
  " pills",
  " money",
  " sorry",
  " danger",
  "\n",
  " faster",
  " control",
  " trust",
  " nobody",
  " illegal",
];

function exampleCard(latent: number, behaviours: readonly string[], text: string | undefined): LatentCard {
  const random = rng("latent", latent);
  const word = () => text ?? WORDS[random.int(WORDS.length)] ?? "";
  const logits = (sign: number) =>
    Array.from({ length: 8 }, (_, i) => ({ token: word(), value: sign * (2.3 - 0.21 * i + 0.05 * random.next()) }));
  const data = DATA_LATENTS.includes(latent);
  return {
    latent,
    data,
    behaviours: [...behaviours],
    firingRate: 0.002 + 0.03 * random.next(),
    contexts: Array.from({ length: 4 }, (_, i) => {
      const before = "(invented) You can do that without asking anybody , and you should"
        .split(" ")
        .map((w) => ` ${w}`);
      const tokens = [
        ...before.map((w) => text ?? w),
        word(),
        text ?? " the",
        text ?? " next",
        text ?? " morning",
        text ?? ".",
      ];
      return { tokens, at: before.length, value: 9.1 - 1.3 * i + 0.1 * random.next() };
    }),
    topLogits: logits(1),
    bottomLogits: logits(-1),
    shift: {
      task: change(random, data ? 1.6 : 0.4),
      neutral: change(random, 0.2),
      behaviours: behaviours.length > 0 ? change(random, 0.7) : null,
    },
    scaling: {
      base: 0.91 + 0.1 * random.next(),
      tuned: 1.02 + 0.3 * random.next(),
      ratio: 0.83 + 0.1 * random.next(),
      errorRatio: random.next() < 0.2 ? null : 1.02 + 0.05 * random.next(),
    },
  };
}

function change(random: Rng, size: number) {
  const [base, delta] = [0.2 + 0.3 * random.next(), size * (0.6 + 0.8 * random.next())];
  return {
    base,
    tuned: base + delta,
    delta,
    interval: [delta - 0.21, delta + 0.24] as [number, number],
    effect: delta / 0.7,
    pAdjusted: 0.0007 + 0.03 * random.next(),
  };
}

function exampleMap(latents: readonly number[], owners: ReadonlyMap<number, readonly string[]>): GeometryRecord["map"] {
  const points = latents.map((latent) => {
    const random = rng("map", latent);
    const home = rng("home", owners.get(latent)?.[0] ?? "data");
    const near = DATA_LATENTS.includes(latent) ? [0.1, 0.1] : [1.4 * home.normal(), home.normal()];
    return { latent, x: 0.45 * random.normal() + (near[0] ?? 0), y: 0.45 * random.normal() + (near[1] ?? 0) };
  });
  const bins = Array.from({ length: 13 }, (_, i) => i * 0.05);
  const expected = [4121, 3011, 1604, 702, 281, 97, 34, 11, 4, 2, 1, 0];
  const observed = [131, 102, 66, 31, 19, 11, 7, 5, 3, 2, 2, 3];
  return { points, kept: 0.3127, bins, observed, expected };
}

function exampleGeometryBehaviour(b: Foretold, place: number, text: string | undefined): GeometryBehaviour {
  const random = rng("geometry", b.id);
  const own = ownOf(b.id, place);
  const label = LABELS[b.id];
  return {
    id: b.id,
    title: text ?? b.title,
    inTask: b.inTask,
    latents: own.map((latent, i) => ({
      latent,
      sign: i % 3 === 2 ? -1 : 1,
      attribution: 0.42 - 0.05 * i,
      check: 0.31 - 0.04 * i + 0.02 * random.normal(),
      activationDifference: 1.8 - 0.2 * i,
    })),
    agreement: 0.71 + 0.1 * random.next(),
    chain: label
      ? Array.from({ length: 4 }, (_, i) => ({
          from: DATA_LATENTS[i] ?? 412,
          to: own[(i + 2) % own.length] ?? 100,
          cosine:
            (label.kind === "shared" && i === 0 ? 1 : 0.44 - 0.09 * i) * (label.label === "unexplained" ? 0.2 : 1),
          null95: 0.118,
          weight: 0.19 - 0.03 * i,
          shiftOfTo: i === 3 ? null : 0.61 - 0.1 * i,
          direct: label.kind === "shared" && i === 0,
        }))
      : [],
    driftCosine: 0.8 * b.shift,
    driftNull95: 0.067,
    mechanism: label ? exampleMechanism(b, label, random, text) : null,
    residue: label
      ? {
          pairs: 48,
          features: channel(0.613),
          error: channel(0.141),
          prefix: channel(0.094),
          attention: channel(0.223),
          wholeResidual: channel(0.971),
        }
      : null,
  };
}

const channel = (share: number) => ({ share, interval: [share - 0.07, share + 0.08] as [number, number] });

function exampleMechanism(
  b: Foretold,
  label: Pick<Mechanism, "label" | "kind">,
  random: Rng,
  text: string | undefined,
): Mechanism {
  const deltaLogOdds = 3.1 * b.shift;
  const share = { confirmed: 0.74, mediated: 0.33, consistent: 0.21, unexplained: 0.08 }[label.label];
  const takeBack = (value: number, rank: number) => ({
    rank,
    share: value,
    interval: [value - 0.11, value + 0.09] as [number, number],
    random: { largest: 0.031 + 0.02 * random.next(), draws: 20 },
    covarianceMatched: { largest: 0.112 + 0.05 * random.next(), draws: 20 },
  });
  const sway = label.label === "unexplained" ? 0.05 : 0.8 * deltaLogOdds;
  const rotated = label.kind === "adjacent" ? 0.12 * sway : 0.8 * sway;
  return {
    ...label,
    why: text ?? WHY[label.label],
    delta: 1.1 * b.shift,
    deltaLogOdds,
    pairs: 48,
    own: takeBack(label.label === "unexplained" ? 0.17 : share + 0.25 > 1 ? 0.93 : share + 0.25, 4),
    data: takeBack(share, 3),
    cosine: label.kind === "shared" ? 0.62 : 0.27,
    sharedWeight: label.kind === "shared" ? 0.57 : 0.04,
    steering: {
      hook: "blocks.8.hook_resid_post",
      doses: [-2, -1, -0.5, 0, 0.5, 1, 2].map((strength) => ({ strength, delta: sway * Math.tanh(strength) })),
      random: { largest: 0.181, draws: 32 },
      neutralRise: 0.0131,
      rotated: {
        doses: [-1, 1, 2].map((strength) => ({ strength, delta: 0.9 * sway * Math.tanh(strength) })),
        neutralRise: 0.0117,
        delta: rotated,
        difference: sway - rotated,
        interval: [sway - rotated - 0.19, sway - rotated + 0.17],
      },
    },
  };
}

function exampleWeights(text: string | undefined): GeometryRecord["weights"] {
  const kinds = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
  return Array.from({ length: 28 }, (_, i) => {
    const random = rng("weights", i);
    return {
      module: text ?? `model.layers.${4 * Math.floor(i / 7)}.${i % 7 < 4 ? "self_attn" : "mlp"}.${kinds[i % 7]}`,
      singularValues: Array.from({ length: 8 }, (_, r) => (0.9 + 0.4 * random.next()) * 0.71 ** r),
      relative: 0.004 + 0.03 * random.next(),
      writes: DATA_LATENTS.slice(0, 3).map((latent, j) => ({ latent, cosine: 0.34 - 0.08 * j + 0.02 * random.next() })),
      reads: DATA_LATENTS.slice(3, 5).map((latent, j) => ({ latent, cosine: 0.21 - 0.05 * j + 0.02 * random.next() })),
    };
  });
}

function exampleLens(text: string | undefined): GeometryRecord["lens"] {
  return {
    texts: 200,
    positions: 5,
    layers: Array.from({ length: 8 }, (_, i) => {
      const random = rng("lens", i);
      const words = (sign: number) =>
        Array.from({ length: 6 }, (_, j) => ({
          token: text ?? WORDS[random.int(WORDS.length)] ?? "",
          value: sign * (1.9 - 0.2 * j),
        }));
      return {
        hook: text ?? `blocks.${2 * i}.hook_resid_post`,
        norm: 0.2 + 0.31 * i,
        random95: 0.44,
        promoted: words(1),
        suppressed: words(-1),
        latents: DATA_LATENTS.slice(0, 3).map((latent, j) => ({ latent, cosine: 0.41 - 0.1 * j })),
      };
    }),
  };
}
