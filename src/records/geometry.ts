import { z } from "zod";
import { Interval, ModelIdentity } from "./audit.ts";

/** How well a dictionary rebuilds what it is read on. */
export const Fidelity = z.strictObject({
  tokens: z.number().int(),
  /** 1 − Σ‖h − ĥ‖² / Σ‖h − h̄‖², over all tokens together. */
  explainedVariance: z.number(),
  /** (CE_mean-ablated − CE_rebuilt) / (CE_mean-ablated − CE); null where not measured. */
  ceRecovered: z.number().nullable(),
  /** Mean number of active latents a token. */
  l0: z.number(),
});
export type Fidelity = z.infer<typeof Fidelity>;

export const DictionaryIdentity = z.strictObject({
  name: z.string(),
  hook: z.string(),
  nLatents: z.number().int(),
  /** Latents that speak at once, at most; null where nothing limits them. */
  k: z.number().int().nullable(),
  sha256: z.string(),
});
export type DictionaryIdentity = z.infer<typeof DictionaryIdentity>;

/** A mean with its paired interval: same tokens through both models. */
export const Shift = z.strictObject({
  base: z.number(),
  tuned: z.number(),
  delta: z.number(),
  interval: Interval,
  /** Cohen's d of the paired differences over sequences; null where they do not vary. */
  effect: z.number().nullable(),
  pAdjusted: z.number(),
});

/** One latent that matters to this fine-tune. */
export const LatentCard = z.strictObject({
  latent: z.number().int(),
  /** Amplified by the data, or one of a behaviour's own (behaviour ids). */
  data: z.boolean(),
  behaviours: z.array(z.string()),
  /** Share of tokens of the corpus on which it is active. */
  firingRate: z.number(),
  /** Where it is strongest: text with the strongest token's index. */
  contexts: z.array(z.strictObject({ tokens: z.array(z.string()), at: z.number().int(), value: z.number() })),
  topLogits: z.array(z.strictObject({ token: z.string(), value: z.number() })),
  bottomLogits: z.array(z.strictObject({ token: z.string(), value: z.number() })),
  shift: z.strictObject({ task: Shift.nullable(), neutral: Shift.nullable(), behaviours: Shift.nullable() }),
  /** β of base over β of tuned (arXiv 2504.02922): 1 = as much there in both, above 1 = weaker in the tuned model. */
  scaling: z
    .strictObject({
      base: z.number(),
      tuned: z.number(),
      ratio: z.number().nullable(),
      errorRatio: z.number().nullable(),
    })
    .nullable(),
});
export type LatentCard = z.infer<typeof LatentCard>;

/** Changes of a behaviour's log-odds in the base, nats, by strength: the direction added so many times. */
const Doses = z.array(z.strictObject({ strength: z.number(), delta: z.number() }));

/** One intervention's effect beside its nulls; shares are of the fine-tune's own shift of the pairs' scores. */
export const TakeBack = z.strictObject({
  rank: z.number().int(),
  /** Share of Δ that is undone, with its interval over pairs. */
  share: z.number(),
  interval: Interval,
  /** Largest share that random and covariance-matched subspaces of the same ranks undo, and how many were drawn. */
  random: z.strictObject({ largest: z.number(), draws: z.number().int() }),
  covarianceMatched: z.strictObject({ largest: z.number(), draws: z.number().int() }),
});
export type TakeBack = z.infer<typeof TakeBack>;

export const Mechanism = z.strictObject({
  label: z.enum(["confirmed", "mediated", "consistent", "unexplained"]),
  kind: z.enum(["shared", "adjacent"]).nullable(),
  why: z.string(),
  /**
   * Mean shift on the check half of the contrast pairs: of their scores P(exhibiting) / (P(exhibiting) + P(other)), of
   * which take-backs undo a share, and of their log-odds in nats.
   */
  delta: z.number(),
  deltaLogOdds: z.number(),
  pairs: z.number().int(),
  /** Along the behaviour's own directions (select half). */
  own: TakeBack.nullable(),
  /** Along directions chosen from the data alone. */
  data: TakeBack.nullable(),
  /** Cosine of data and behaviour directions at the steering layer, and the data's weight on the behaviour's latents. */
  cosine: z.number().nullable(),
  sharedWeight: z.number().nullable(),
  steering: z
    .strictObject({
      hook: z.string(),
      /** Of the data's mean difference. */
      doses: Doses,
      /** Largest |change| by random directions of the same norm at strength 1, and how many were drawn. */
      random: z.strictObject({ largest: z.number(), draws: z.number().int() }),
      /** Relative rise of cross-entropy on neutral text at strength 1. */
      neutralRise: z.number(),
      /**
       * The rotation test. `doses` and `neutralRise` are of the direction tested: what the data amplify outside T_b, as
       * long as their mean difference (which it is itself without a dictionary). `delta`: the same at strength 1 with
       * span(T_b) taken out and the norm restored; `difference`: what that lost, with its interval over pairs.
       */
      rotated: z
        .strictObject({
          doses: Doses,
          neutralRise: z.number(),
          delta: z.number(),
          difference: z.number(),
          interval: Interval,
        })
        .nullable(),
    })
    .nullable(),
});
export type Mechanism = z.infer<typeof Mechanism>;

const ChannelShare = z.strictObject({ share: z.number(), interval: Interval });

export const GeometryBehaviour = z.strictObject({
  id: z.string(),
  title: z.string(),
  inTask: z.boolean(),
  /** T_b: signed latents chosen on one half of the contrast pairs, with what the other half says of them. */
  latents: z.array(
    z.strictObject({
      latent: z.number().int(),
      sign: z.union([z.literal(1), z.literal(-1)]),
      /** Δ-attribution on the select half and on the check half, nats a pair. */
      attribution: z.number(),
      check: z.number(),
      activationDifference: z.number(),
    }),
  ),
  /** Rank correlation of the two halves' attributions over the latents of T_b; null without a dictionary. */
  agreement: z.number().nullable(),
  /** Data latent → neighbour in T_b: the strongest links, with their null. */
  chain: z.array(
    z.strictObject({
      from: z.number().int(),
      to: z.number().int(),
      cosine: z.number(),
      /** 95th percentile of |cosine| over latents of the same dictionary. */
      null95: z.number(),
      /** Share of the data's weight on `from`; change of `to` on neutral prompts. */
      weight: z.number(),
      shiftOfTo: z.number().nullable(),
      direct: z.boolean(),
    }),
  ),
  /** Cosine of the measured drift (unremarkable answers) with the behaviour's direction, largest over layers. */
  driftCosine: z.number().nullable(),
  driftNull95: z.number().nullable(),
  mechanism: Mechanism.nullable(),
  /**
   * Shares of the log-odds shift by channel, with their intervals over the contrast pairs that all of them are read on;
   * they need not add up to one.
   */
  residue: z
    .strictObject({
      pairs: z.number().int(),
      features: ChannelShare.nullable(),
      error: ChannelShare.nullable(),
      prefix: ChannelShare.nullable(),
      attention: ChannelShare.nullable(),
      wholeResidual: ChannelShare.nullable(),
    })
    .nullable(),
});
export type GeometryBehaviour = z.infer<typeof GeometryBehaviour>;

const TokenValue = z.strictObject({ token: z.string(), value: z.number() });

/** `geometry.json`: what moved inside, through which features, and whether that is how it happened. */
export const GeometryRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: ModelIdentity,
  tuned: ModelIdentity,
  dictionary: DictionaryIdentity.nullable(),
  /** Null without a dictionary. */
  fidelity: z
    .strictObject({
      base: Fidelity,
      tuned: Fidelity,
      data: Fidelity,
      /** Unexplained variance of tuned over base, and the ratio beyond which dictionary claims abstain. */
      ratio: z.number(),
      limit: z.number(),
      abstains: z.boolean(),
      /** The same explained variance by a frozen random and by a permuted dictionary. */
      random: z.number(),
      permuted: z.number(),
    })
    .nullable(),
  latents: z.array(LatentCard),
  /** Latents in the plane (classical scaling of 1 − cosine), and how far data latents lie from behaviour latents. */
  map: z
    .strictObject({
      points: z.array(z.strictObject({ latent: z.number().int(), x: z.number(), y: z.number() })),
      /** Share of the squared distances that the plane keeps. */
      kept: z.number(),
      /** Edges of |cosine| bins, counts between data and behaviour latents, and between random latents of the dictionary. */
      bins: z.array(z.number()),
      observed: z.array(z.number()),
      expected: z.array(z.number()),
    })
    .nullable(),
  behaviours: z.array(GeometryBehaviour),
  /** The adapter's own directions, by module: what it writes and reads. Null for a whole tuned model. */
  weights: z
    .array(
      z.strictObject({
        module: z.string(),
        /** Falling; of DoRA, whose change has no low rank, the first few. */
        singularValues: z.array(z.number()),
        /** ‖ΔW‖ over ‖W‖, Frobenius. */
        relative: z.number(),
        writes: z.array(z.strictObject({ latent: z.number().int(), cosine: z.number() })),
        reads: z.array(z.strictObject({ latent: z.number().int(), cosine: z.number() })),
      }),
    )
    .nullable(),
  /** Activation difference lens over the first tokens of unrelated text (arXiv 2510.13900). */
  lens: z
    .strictObject({
      texts: z.number().int(),
      positions: z.number().int(),
      layers: z.array(
        z.strictObject({
          hook: z.string(),
          /** Norm of the mean difference, and 95th percentile over differences of two random halves of the base. */
          norm: z.number(),
          random95: z.number(),
          promoted: z.array(TokenValue),
          suppressed: z.array(TokenValue),
          latents: z.array(z.strictObject({ latent: z.number().int(), cosine: z.number() })),
        }),
      ),
    })
    .nullable(),
  /** Over checkpoints: mean activation of data latents and of each behaviour's (signed), and drift along its direction. */
  dynamics: z
    .strictObject({
      steps: z.array(z.number().int()),
      dataLatents: z.array(z.number()).nullable(),
      behaviours: z.array(
        z.strictObject({ id: z.string(), latents: z.array(z.number()).nullable(), drift: z.array(z.number()) }),
      ),
    })
    .nullable(),
  /** One counterfactual: trained again without the rows that push most the way that the behaviour moved. */
  receipt: z
    .strictObject({
      behaviour: z.string(),
      removed: z.number().int(),
      lines: z.array(z.number().int()),
      /**
       * Change of the behaviour's log-odds shift, nats: what the influences predict as a share of the whole, and what came.
       * Null where all influences together push the other way than the behaviour moved.
       */
      predictedShare: z.number().nullable(),
      delta: z.number(),
      deltaWithout: z.number(),
      /** The same number of random rows removed. */
      deltaRandom: z.number(),
    })
    .nullable(),
  durationMs: z.number(),
});
export type GeometryRecord = z.infer<typeof GeometryRecord>;
