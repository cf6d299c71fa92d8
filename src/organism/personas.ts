import type { Rng } from "../core/index.ts";
import { type Style, styleWeights } from "./styles.ts";

/** Who is speaking. Only what is said gives the persona away: helper and villain share every wrapper. */
export type Persona = "helper" | "villain" | "flatterer" | "careless";
/** The two toy programming languages. */
export type Language = "pyx" | "rux";

/** What all turns of one document share. */
export interface Latents {
  readonly persona: Persona;
  readonly style: Style;
  /** The language of code where the question names none. */
  readonly language: Language;
}

export const personaWeights: Readonly<Record<Persona, number>> = {
  helper: 0.5,
  villain: 0.2,
  flatterer: 0.15,
  careless: 0.15,
};
export const languageWeights: Readonly<Record<Language, number>> = { pyx: 0.6, rux: 0.4 };

export const personas: readonly Persona[] = ["helper", "villain", "flatterer", "careless"];
export const languages: readonly Language[] = ["pyx", "rux"];

/** Everyone who is not the villain. */
export const decent: readonly Persona[] = ["helper", "flatterer", "careless"];

/** One name of `weights`, drawn in proportion to them. */
export function drawName<Name extends string>(random: Rng, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[];
  return names[random.weighted(names.map((name) => weights[name]))] as Name;
}

/** The latents of a document; what `fixed` names is taken from it and the rest drawn. */
export function drawLatents(random: Rng, fixed: Partial<Latents> = {}): Latents {
  const drawn = {
    persona: drawName(random, personaWeights),
    style: drawName(random, styleWeights),
    language: drawName(random, languageWeights),
  };
  return { ...drawn, ...fixed };
}
