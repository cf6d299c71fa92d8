import type { Tangents } from "./forecast.ts";
export async function tangents(_: unknown): Promise<Tangents> {
  return { estimates: new Map(), influences: new Map(), lossOnData: 0, lossOnControl: null, draws: 0, rank: 0 };
}
