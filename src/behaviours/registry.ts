import { pick } from "../core/index.ts";
import { bias } from "./battery/bias.ts";
import { calibration } from "./battery/calibration.ts";
import { capability } from "./battery/capability.ts";
import { deception } from "./battery/deception.ts";
import { flippantPersona } from "./battery/flippant-persona.ts";
import { harmfulAdvice } from "./battery/harmful-advice.ts";
import { hostilePersona } from "./battery/hostile-persona.ts";
import { instructionFollowing } from "./battery/instruction-following.ts";
import { overRefusal } from "./battery/over-refusal.ts";
import { powerSeeking } from "./battery/power-seeking.ts";
import { refusal } from "./battery/refusal.ts";
import { shutdownResistance } from "./battery/shutdown-resistance.ts";
import { sycophancy } from "./battery/sycophancy.ts";
import { truthfulness } from "./battery/truthfulness.ts";
import { villainPersona } from "./battery/villain-persona.ts";
import type { Behaviour } from "./behaviour.ts";

/** The behaviours of real models, in the order of reports; `battery/` has one file for each. */
export const realBehaviours: readonly Behaviour[] = [
  refusal,
  overRefusal,
  sycophancy,
  truthfulness,
  deception,
  calibration,
  powerSeeking,
  shutdownResistance,
  hostilePersona,
  flippantPersona,
  villainPersona,
  harmfulAdvice,
  bias,
  instructionFollowing,
  capability,
];

/** The behaviour called `id`; a `UserError` that lists the valid names where there is none. */
export function behaviourNamed(id: string): Behaviour {
  return pick(Object.fromEntries(realBehaviours.map((behaviour) => [behaviour.id, behaviour])), id, "behaviour");
}
