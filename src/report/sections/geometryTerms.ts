import type { ReportInput } from "../input.ts";

/** The words of forecast and geometry, for "What the words mean". */
export function geometryTerms({ forecast, geometry }: ReportInput): [string, string][] {
  if (!forecast && !geometry) return [];
  const common: [string, string][] = [
    [
      "Log-odds, nats",
      "A probability on a scale without ends: 0 is one in two, +1 nat makes the odds 2.7 times as high, −1 as much lower.",
    ],
    [
      "Contrast pairs",
      "Two answers to the same question, one that shows the behaviour and one that does not. Directions are chosen on one half of the pairs and tested on the other.",
    ],
    [
      "Mean difference",
      "A direction inside the model: the mean state over one kind of text less the mean over another. It needs no dictionary.",
    ],
    [
      "Chance, null",
      "What the same measurement gives where there is nothing to find: with random directions, with shuffled labels, with other features of the same dictionary.",
    ],
    [
      "Dictionary",
      "A sparse autoencoder: it writes the model\u2019s state as a sum of a few out of many directions, each of which tends to stand for something.",
    ],
    ["Latent, feature", "A latent is one numbered entry of the dictionary; a feature is what it seems to stand for."],
    [
      "Spillover, closeness",
      "How near what the data amplify lies to a behaviour\u2019s features; direct where it is the same latents, adjacent where it is others beside them.",
    ],
  ];
  const before: [string, string] = [
    "Tangent forecast",
    "What one small step of training on your data would do to each behaviour, computed in the base model before any training. It orders the behaviours; its size means nothing.",
  ];
  const after: [string, string][] = [
    [
      "Take-back",
      "The tuned model runs again with its change along a few directions put back to the base\u2019s. The share undone is how much of the shift ran through them.",
    ],
    [
      "Rotation test",
      "The data\u2019s direction is added to the base with and without its overlap with the behaviour\u2019s own directions, at equal length. If only the overlap sways the behaviour, the two features share a direction. It counts where the direction acts as a cause would: more than random ones, the other way when turned round, more at twice the strength, and with no more than 2% on the loss on neutral text.",
    ],
    [
      "Shared, adjacent",
      "Shared: what the data amplify and the behaviour\u2019s own direction overlap by half or more, or are the same latents. Adjacent: they amplify another feature that overlaps with it.",
    ],
    [
      "Residue",
      "The part of a shift that does not run through the dictionary\u2019s features: through what the dictionary leaves out, through the template before the answer, through attention. Each share is of a few contrast pairs and has the interval of a ratio over them.",
    ],
  ];
  return [...common, ...(forecast ? [before] : []), ...(geometry ? after : [])];
}
