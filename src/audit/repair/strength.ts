/**
 * How strongly to repair. Laws assumed and not proven: the task's loss rises with γ; where it does not, the search still
 * ends at a γ whose loss was measured to be under the cap.
 *
 * 1. One γ for all layers: the largest in [0, 1] under the cap, by bisection.
 * 2. Per layer: layers by the spillover that their full repair takes, per nat of loss that it costs; each in turn as strong
 *    as the cap allows with those before it.
 * 3. Whichever leaves less of the spillover.
 */

/** What one choice of γ by layer comes to. */
export interface Reading {
  /** Task loss, nats a token. */
  readonly loss: number;
  /** What is left of the spillover, as a share of the adapter's own: 1 before any repair. */
  readonly spillover: number;
}

export type ReadStrengths = (gammas: readonly number[]) => Promise<Reading>;

export interface Strengths {
  readonly gammas: readonly number[];
  readonly reading: Reading;
  readonly perLayer: boolean;
  /** How often the model was asked. */
  readonly readings: number;
}

export interface StrengthRequest {
  readonly layers: number;
  readonly cap: number;
  /** Halvings of [0, 1]. */
  readonly steps: number;
  readonly read: ReadStrengths;
  /** False: one γ for all. */
  readonly perLayer: boolean;
}

export async function chooseStrengths(request: StrengthRequest): Promise<Strengths> {
  const counted = counting(request.read);
  const { layers, cap, steps } = request;
  const none = new Array<number>(layers).fill(0);
  const uniform = await strongest({ cap, steps, read: (gamma) => counted.read(none.map(() => gamma)) });
  const whole = { gammas: none.map(() => uniform.gamma), reading: uniform.reading };
  const single = uniform.gamma === 1 || !request.perLayer ? null : await layerByLayer(request, counted.read, none);
  const better = single && single.reading.spillover < whole.reading.spillover ? single : null;
  return { ...(better ?? whole), perLayer: better !== null, readings: counted.count() };
}

interface Search {
  readonly cap: number;
  readonly steps: number;
  readonly read: (gamma: number) => Promise<Reading>;
}

/** The largest γ found whose loss is under the cap; 0 where none is. */
export async function strongest({ cap, steps, read }: Search): Promise<{ gamma: number; reading: Reading }> {
  const full = await read(1);
  if (full.loss <= cap) return { gamma: 1, reading: full };
  let [low, high] = [0, 1];
  let reading = await read(0);
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    const found = await read(middle);
    if (found.loss <= cap) [low, reading] = [middle, found];
    else high = middle;
  }
  return { gamma: low, reading };
}

async function layerByLayer({ cap, steps, layers }: StrengthRequest, read: ReadStrengths, none: readonly number[]) {
  const start = await read(none);
  const worth: { layer: number; ratio: number }[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const alone = await read(none.with(layer, 1));
    const cost = Math.max(alone.loss - start.loss, COST_FLOOR);
    worth.push({ layer, ratio: (start.spillover - alone.spillover) / cost });
  }
  let gammas = none;
  let reading = start;
  for (const { layer, ratio } of worth.sort((a, b) => b.ratio - a.ratio)) {
    if (ratio <= 0) break;
    const found = await strongest({ cap, steps, read: (gamma) => read(gammas.with(layer, gamma)) });
    if (found.reading.spillover >= reading.spillover) continue;
    gammas = gammas.with(layer, found.gamma);
    reading = found.reading;
  }
  return { gammas, reading };
}

/** Nats: layers that cost nothing come first, in the order of what they take. */
const COST_FLOOR = 1e-4;

function counting(read: ReadStrengths): { read: ReadStrengths; count: () => number } {
  let asked = 0;
  return {
    count: () => asked,
    read: (gammas) => {
      asked++;
      return read(gammas);
    },
  };
}
