import type { Register } from "../command.ts";

export const registerModels: Register = (program, act) => {
  program
    .command("models")
    .description("the models that this machine has")
    .command("list")
    .description("bundled, in the Hugging Face cache, converted from GGUF")
    .action(
      act<[]>(async (session) => {
        const { localModels } = await import("../local-models.ts");
        const { columns, safe } = await import("../tables.ts");
        const models = await localModels();
        const rows = models.map(({ name, where, bytes }) => [safe(name), where, `${(bytes / 1e6).toFixed(1)} MB`]);
        for (const line of columns(rows, [2])) session.print(line);
        session.document({ models });
      }),
    );
};
