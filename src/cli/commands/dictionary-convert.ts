import { type Command, Option } from "commander";
import type { FloatDtype } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Act } from "../command.ts";

interface ConvertFlags {
  readonly to: string;
  readonly out: string;
  readonly dtype: FloatDtype;
  readonly hook?: string;
}

/** Gemma Scope 1 says in a path of the hub what a dictionary is, and dictionary_learning's files are pickles: read only. */
const WRITTEN = ["sae-lens", "gemma-scope-2", "sparsify", "circuit-tracer"];

export function registerConvert(dictionary: Command, act: Act): void {
  dictionary
    .command("convert")
    .description("a dictionary from one library's form into another's, with the same numbers")
    .argument("<folder>", "a dictionary, or a folder with one per layer, in any format that is read")
    .addOption(new Option("--to <format>", "form to write").choices(WRITTEN).makeOptionMandatory())
    .requiredOption("--out <folder>", "where it goes")
    .addOption(new Option("--dtype <type>", "of the numbers").choices(["F32", "F16", "BF16"]).default("F32"))
    .option("--hook <name>", "where it reads, for files that do not say it")
    .action(
      act<[string, ConvertFlags]>(async (session, source, { to, out, dtype, hook }) => {
        const { convertDictionary } = await import("../../jobs/index.ts");
        const place = hook === undefined ? {} : { hook: hook as HookName };
        const converted = await convertDictionary({ source, target: out, format: to, dtype, ...place });
        for (const line of converted.dictionaries) session.print(line);
        session.print(`${converted.from} → ${converted.to}: ${out}`);
        session.document(converted);
      }),
    );
}
