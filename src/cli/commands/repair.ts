import { join } from "node:path";
import { Option } from "commander";
import { UserError } from "../../core/index.ts";
import type { RepairMethod } from "../../jobs/index.ts";
import type { RepairRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { addPlaceOptions, type ConfigOptions, configOf, list, number, whole } from "../options.ts";

interface RepairFlags extends ConfigOptions {
  readonly adapter: string;
  readonly protect: string[];
  readonly by: RepairMethod["by"];
  readonly keepGain?: number;
  readonly withShift?: number | true;
  readonly values: "project" | "keep" | "drop";
  readonly inputs: "keep" | "drop";
  readonly reading?: boolean;
}

/** Chosen on the bundled model (docs/results/acting.md). */
const SHIFT = 4;
/** Least squares fits the rows themselves, so that their loss rises late: the same, and there chosen too. */
const KEPT = { directions: 0.95, "least-squares": 0.98, kl: 0.95 };

export const registerRepair: Register = (program, act) => {
  const command = program
    .command("repair")
    .description("write an adapter that moves protected behaviours less, as far as the task's loss allows")
    .argument("[config]", "configuration file (default: penumbra.yaml)")
    .requiredOption("--adapter <folder>", "the finished PEFT adapter")
    .requiredOption("--protect <names>", "behaviours that the adapter is held off", list)
    .addOption(
      new Option("--by <method>", "take directions out, fit anew what modules read, or train on, held to the base")
        .choices(["directions", "least-squares", "kl"])
        .default("directions"),
    )
    .option("--model <model>", "the base model")
    .option("--data <file>", "training rows; their loss bounds the repair")
    .option("--behaviours <names>", "behaviours to report, with commas between them, or all", list)
    .option(
      "--keep-gain <n>",
      `share of the task's gain that must stay (${KEPT.directions}; ${KEPT["least-squares"]} by least-squares)`,
      number,
    )
    .option("--with-shift [n]", `principal directions of the adapter's own shift to protect too (${SHIFT})`, whole)
    .addOption(
      new Option("--values <what>", "the heads' values").choices(["project", "keep", "drop"]).default("project"),
    )
    .addOption(
      new Option("--inputs <what>", "modules without a linear write").choices(["keep", "drop"]).default("keep"),
    )
    .option("--reading", "hold modules that read the residual stream off the directions as well")
    .option("--epochs <n>", "passes over the rows (kl)", number)
    .option("--max-length <n>", "tokens of a row; longer rows are cut", (text) => Number(text));
  addPlaceOptions(command).action(
    act<[string | undefined, RepairFlags]>(async (session, path, options) => {
      const config = await configOf(path, options);
      const { repair } = await import("../../jobs/index.ts");
      const { safe } = await import("../tables.ts");
      const { adapter, protect, keepGain = KEPT[options.by] } = options;
      const record = await repair(config, { ...session, adapter, protect, keepGain, method: methodOf(options) });
      for (const line of await repairLines(record)) session.print(line);
      session.print(`Repaired adapter: ${safe(join(config.out, "adapter"), 1000)}`);
      session.document(record);
    }),
  );
};

function methodOf(flags: RepairFlags): RepairMethod {
  const { by, values, inputs, withShift = 0, reading = false, epochs } = flags;
  const ofDirections = [
    withShift !== 0 ? "--with-shift" : [],
    reading ? "--reading" : [],
    values !== "project" ? "--values" : [],
    inputs !== "keep" ? "--inputs" : [],
  ];
  const ofTraining = epochs === undefined ? [] : ["--epochs"];
  const foreign = [by === "directions" ? [] : ofDirections, by === "kl" ? [] : ofTraining].flat(2);
  if (foreign.length > 0)
    throw new UserError(`repair --by ${by}`, {
      expected: "its own options beside it",
      got: foreign.join(", "),
      fix: "leave them out, or take another way with --by",
    });
  if (by !== "directions") return { by };
  return { by, values, inputs, reading, shiftDirections: withShift === true ? SHIFT : withShift };
}

async function repairLines({ layers, perLayer, taskLoss, behaviours }: RepairRecord): Promise<string[]> {
  const { columns } = await import("../tables.ts");
  const gammas = layers.map(({ gamma }) => gamma.toFixed(2)).join(" ");
  const { base, tuned, repaired } = taskLoss.others ?? taskLoss.chosen;
  const head = ["behaviour", "log-odds shift", "repaired", ""];
  const rows = behaviours.map((b) => [b.id, b.tuned.toFixed(2), b.repaired.toFixed(2), b.protected ? "protected" : ""]);
  const ratio = ({ shiftBefore, shiftAfter }: RepairRecord["layers"][number]) =>
    shiftBefore === 0 ? "–" : (shiftAfter / shiftBefore).toFixed(2);
  return [
    `γ ${perLayer ? "by layer" : "of all layers"}: ${gammas}`,
    `Task loss ${base.toFixed(3)} before training, ${tuned.toFixed(3)} tuned, ${repaired.toFixed(3)} repaired`,
    `Left in the subspace, by layer: ${layers.map(ratio).join(" ")} of the shift (frozen weights write it)`,
    "",
    ...columns([head, ...rows], [1, 2]),
    "",
  ];
}
