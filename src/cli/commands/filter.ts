import { join } from "node:path";
import { Option } from "commander";
import type { FilterMethod, FilterRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { addAskingOptions } from "../endpoint-options.ts";
import { addJudgeOptions, type JudgeOptions, withPanel } from "../judge-options.ts";
import {
  addMeasureOptions,
  addPlaceOptions,
  addTrainOptions,
  type ConfigOptions,
  configOf,
  list,
  number,
} from "../options.ts";

interface FilterFlags extends ConfigOptions, JudgeOptions {
  readonly by: FilterMethod;
  readonly share: number;
  readonly protect?: string[];
  readonly receiptShares?: string[];
}

export const registerFilter: Register = (program, act) => {
  const command = program
    .command("filter")
    .description("write the data set without the rows that drive a behaviour, and why each row went")
    .argument("[config]", "configuration file (default: penumbra.yaml)")
    .addOption(
      new Option("--by <method>", "what says which rows")
        .choices(["influence", "geometric", "direct", "judge", "random"])
        .default("influence"),
    )
    .option("--share <n>", "share of the rows that goes, at most", number, 0.1)
    .option("--protect <names>", "behaviours that rows go for; all but the task's where left out", list)
    .option("--receipt-shares <list>", "train again without these shares, and without as many random rows", list);
  addJudgeOptions(addAskingOptions(addPlaceOptions(addMeasureOptions(addTrainOptions(command))))).action(
    act<[string | undefined, FilterFlags]>(async (session, path, options) => {
      const config = await configOf(path, options);
      const { filter } = await import("../../jobs/index.ts");
      const { safe } = await import("../tables.ts");
      const { by: method, share, protect = [] } = options;
      const shares = (options.receiptShares ?? []).map(number);
      const receipts = shares.length === 0 && options.receipt ? [share] : shares;
      const record = await withPanel(options, config.seed, (panel) =>
        filter(config, { ...session, method, share, protect, receipts, panel }),
      );
      session.print(`${record.dropped} of ${record.data.rows} rows dropped by ${method}: ${record.what}`);
      if (record.dropped < Math.round(share * record.data.rows)) session.print("No other row drives a behaviour.");
      session.print(`Kept rows: ${safe(join(config.out, "filtered.jsonl"), 1000)}`);
      session.print(`Why the others went: ${safe(join(config.out, "dropped.jsonl"), 1000)}`);
      for (const line of receiptLines(record)) session.print(line);
      session.document(record);
    }),
  );
};

function receiptLines({ receipts }: FilterRecord): string[] {
  return receipts.flatMap(({ share, dropped, taskLoss, behaviours }) => [
    "",
    `Trained again without ${dropped} rows (${share}); task loss ${taskLoss.base.toFixed(3)} before, ${taskLoss.all.toFixed(3)} on all, ${taskLoss.without.toFixed(3)} without, ${taskLoss.withoutRandom.toFixed(3)} without random ones`,
    ...behaviours.map(
      ({ id, all, without, withoutRandom }) =>
        `  ${id}: log-odds shift ${all.toFixed(2)} on all, ${without.toFixed(2)} without, ${withoutRandom.toFixed(2)} without random ones`,
    ),
  ]);
}
