/** A configured guard, with the directions that it needs of the base. */
import {
  answersOf,
  behaviourDirections,
  type Directions,
  protectedBases,
  refuseWhole,
  repairPlan,
  residualHooks,
} from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { must, rng, UserError } from "../core/index.ts";
import type { AskOptions, Engine, LanguageModel } from "../engine/index.ts";
import type { Guard } from "../training/index.ts";
import { targetLinears } from "../training/index.ts";
import type { Config, GuardConfig, KlConfig } from "./config.ts";
import { neutralSequences } from "./neutral.ts";
import { asLanguageModel, fixedBehaviours, type OpenedModel } from "./open.ts";
import { refuseFaults, trainingRows, validate } from "./validate.ts";

export interface GuardRequest extends AskOptions {
  readonly engine: Engine;
  readonly model: OpenedModel;
  readonly config: Pick<Config, "train" | "guard">;
}

/** Null where none is configured. */
export async function guardOf({ engine, model, config, signal }: GuardRequest): Promise<Guard | null> {
  const { guard, train } = config;
  if (!guard) return null;
  refuseTraining(config);
  const base = asLanguageModel(model, engine, null);
  const ask = signal ? { signal } : {};
  switch (guard.method) {
    case "caft": {
      const bases = await protectedBases({
        base,
        shift: null,
        behaviours: guardedBehaviours(model, guard.behaviours),
        ...ask,
      });
      refuseWhole(bases, model.source.definition);
      const hooks = residualHooks(base);
      const layers = chosenLayers(guard.layers, hooks.length) ?? [...hooks.keys()];
      return {
        method: "caft",
        places: layers.map((l) => ({ hook: must(hooks[l], "layer"), basis: must(bases[l], "basis") })),
      };
    }
    case "adapter-projection": {
      const bases = await protectedBases({
        base,
        shift: null,
        behaviours: guardedBehaviours(model, guard.behaviours),
        ...ask,
      });
      const linears = targetLinears(model.source.definition, { targets: train.targetModules, layers: train.layers });
      const trained = { modules: new Map(linears.map(({ module }) => [module, NO_MATRICES])) };
      const plan = await repairPlan(model.source, trained, bases, {
        values: guard.values,
        inputs: "keep",
        reading: false,
      });
      const modules = [...plan].flatMap(([module, { outputs }]) =>
        outputs.length > 0 ? [[module, outputs] as const] : [],
      );
      return { method: "adapter-projection", modules: new Map(modules) };
    }
    case "preventative":
      return {
        method: "preventative",
        places: await unwanted(base, guard, guardedBehaviours(model, guard.behaviours), ask),
      };
    case "kl":
      return klGuard({
        base,
        model,
        ...{ guard, behaviours: guardedBehaviours(model, guard.behaviours), maxLength: train.maxLength },
      });
  }
}

/** A plan asks which modules there are, not what is in them. */
const NO_MATRICES = { A: new Float32Array(0), B: new Float32Array(0) };

/** Finds a guard or a monitor that cannot be before the training, not after it. */
export function checkGuard(
  model: Pick<OpenedModel, "bundled">,
  config: Pick<Config, "train" | "guard" | "monitor">,
): void {
  const { guard, monitor, train } = config;
  if (guard) refuseTraining(config);
  if (guard && "behaviours" in guard) guardedBehaviours(model, guard.behaviours);
  if (monitor) watchedBehaviours(model, monitor.behaviours);
  if (monitor && train.method === "full")
    throw new UserError("monitor", { expected: "train.method lora", got: "full", fix: "leave monitor out" });
}

function refuseTraining({ train }: Pick<Config, "train">): void {
  if (train.method === "lora" && train.objective === "sft" && !train.dora) return;
  throw new UserError("guard", {
    expected: "train.method lora, train.objective sft and no train.dora",
    got: `${train.method}, ${train.objective}${train.dora ? ", dora" : ""}`,
    fix: "leave guard out, or change train",
  });
}

/** What a monitor looks at; of `all` those that have directions. */
export function watchedBehaviours(model: Pick<OpenedModel, "bundled">, names: readonly string[]): readonly Behaviour[] {
  return names.includes("all") ? fixedBehaviours(model, names).filter(hasDirections) : guardedBehaviours(model, names);
}

/** Of these names, those of behaviours that a monitor can look at. */
export function watchable(model: Pick<OpenedModel, "bundled">, names: readonly string[]): string[] {
  return fixedBehaviours(model, names)
    .filter(hasDirections)
    .map(({ id }) => id);
}

/** Contrast pairs to find directions from. */
const hasDirections = ({ pairs }: Pick<Behaviour, "pairs">) => pairs.some(({ half }) => half === "select");

export function guardedBehaviours(model: Pick<OpenedModel, "bundled">, names: readonly string[]): readonly Behaviour[] {
  const found = fixedBehaviours(model, names);
  const without = found.find((behaviour) => !hasDirections(behaviour));
  if (!without) return found;
  throw new UserError(`behaviour ${without.id}`, {
    expected: "contrast pairs, from which its directions are found",
    got: "none",
    fix: "name another behaviour",
  });
}

function chosenLayers(layers: readonly number[] | null, nLayers: number): readonly number[] | null {
  const beyond = layers?.find((layer) => layer >= nLayers);
  if (beyond === undefined) return layers;
  throw new UserError("guard.layers", {
    expected: `layers from 0 to ${nLayers - 1}`,
    got: String(beyond),
    fix: "correct guard.layers",
  });
}

/** strength · Σ over behaviours of the mean difference towards the riskier side. */
async function unwanted(
  base: LanguageModel,
  { strength, layers }: Extract<GuardConfig, { method: "preventative" }>,
  behaviours: readonly Behaviour[],
  ask: AskOptions,
) {
  const hooks = residualHooks(base);
  const places = chosenLayers(layers, hooks.length) ?? [Math.floor(hooks.length / 2)];
  const chosen = places.map((layer) => must(hooks[layer], "layer"));
  const found: { directions: readonly Directions[]; sign: number }[] = [];
  for (const behaviour of behaviours)
    found.push({
      directions: await behaviourDirections(base, behaviour, "select", chosen, ask),
      sign: behaviour.riskier === "up" ? 1 : -1,
    });
  return chosen.map((hook, h) => {
    const vector = new Float32Array(base.source.definition.dimensions.dModel);
    for (const { directions, sign } of found)
      for (const [i, value] of must(directions[h], "layer").mean.entries())
        vector[i] = (vector[i] as number) + strength * sign * value;
    return { hook, vector };
  });
}

interface KlRequest {
  readonly base: LanguageModel;
  readonly model: OpenedModel;
  readonly guard: KlConfig;
  readonly behaviours: readonly Behaviour[];
  readonly maxLength: number;
}

/** Divergence from the base on the configured rows, or neutral text, and on what behaviours' pairs answer unremarkably. */
export async function klGuard({ base, model, guard, behaviours, maxLength }: KlRequest) {
  const unremarkable = answersOf(base, behaviours, "select").map(({ ids }) => Int32Array.from(ids));
  const rows = [...(await elsewhere(model, guard.data, maxLength)), ...unremarkable];
  const { weight, rowsPerStep } = guard;
  return { method: "kl" as const, rows: rng(1, "texts of the guard").shuffle(rows), weight, rowsPerStep };
}

async function elsewhere(model: OpenedModel, data: KlConfig["data"], maxLength: number) {
  if (data === null) return neutralSequences(model).map((ids) => Int32Array.from(ids.slice(0, maxLength)));
  refuseFaults(await validate(data, model.tokenizer, maxLength));
  return (await trainingRows(data, model.tokenizer, maxLength)).map(({ ids }) => ids);
}
