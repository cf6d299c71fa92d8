import { UserError } from "../../core/index.ts";
import type { Register } from "../command.ts";
import { whole } from "../options.ts";

interface Options {
  readonly model?: string;
  readonly maxLength?: number;
}

export const registerValidate: Register = (program, act) => {
  program
    .command("validate")
    .description("all faults of a training file with their lines; with --model its tokens, truncation and loss tokens")
    .argument("<file>", "training rows, one JSON object a line")
    .option("--model <model>", "the model whose tokenizer counts")
    .option("--max-length <n>", "tokens of a row; longer rows are cut", whole)
    .action(
      act<[string, Options]>(async (session, file, options) => {
        const { openModel, rowLength, TrainConfig, validate } = await import("../../jobs/index.ts");
        const { counted, traceWarning } = await import("../../report/index.ts");
        const { safe } = await import("../tables.ts");
        const model = options.model === undefined ? null : await openModel(options.model);
        const { maxLength } = options;
        const longest = model ? rowLength(maxLength, model) : (maxLength ?? TrainConfig.parse({}).maxLength);
        const record = await validate(file, model?.tokenizer ?? null, longest);
        const { faults, format, rows, usableRows, tokens } = record;
        session.print(
          `${safe(file)}: ${counted(rows, "row")}, ${usableRows} usable${format ? `, format ${format}` : ""}`,
        );
        for (const { line, code, message } of faults) session.print(`  line ${line}: ${code}: ${safe(message)}`);
        if (tokens) {
          const { total, response, longest, median, truncatedRows, maxLength } = tokens;
          session.print(`One epoch: ${counted(total, "token")}, ${response} of them carry loss.`);
          session.print(`Rows: median ${median} tokens, longest ${longest}.`);
          if (truncatedRows > 0)
            session.print(`Cut to ${maxLength} tokens: ${counted(truncatedRows, "row")} (--max-length).`);
        }
        const warning = traceWarning(record);
        if (warning !== null) session.print(session.colors.yellow(`Warning: ${warning}`));
        session.document(record);
        refuse(record);
      }),
    );
};

function refuse({ file, faults, usableRows }: { file: string; faults: readonly unknown[]; usableRows: number }): void {
  if (faults.length === 0 && usableRows > 0) return;
  throw new UserError(file, {
    expected: "training rows without faults",
    got: faults.length === 0 ? "no row" : `${faults.length} ${faults.length === 1 ? "fault" : "faults"}`,
    fix: faults.length === 0 ? "give a file with training rows" : "mend the lines that are listed",
  });
}
