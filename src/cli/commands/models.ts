import type { Register } from "../command.ts";
import { list } from "../options.ts";

export const registerModels: Register = (program, act) => {
  const models = program.command("models").description("the models that this machine has, and getting more");
  models
    .command("pull")
    .argument("<id>", "hub id, for example HuggingFaceTB/SmolLM2-135M-Instruct")
    .option("--revision <name>", "branch, tag or commit", "main")
    .option("--file <names>", "these files only, with commas between them (a .gguf, for example)", list)
    .description("download a model into the Hugging Face cache: resumes, checks hashes; HF_TOKEN for gated ones")
    .action(
      act<[string, { revision: string; file?: string[] }]>(async (session, id, { revision, file }) => {
        const { hubFolder, hubFromEnvironment, pullModel } = await import("../../data/index.ts");
        const { safe } = await import("../tables.ts");
        const client = { ...(await hubFromEnvironment(process.env)), signal: session.signal };
        const files = file ?? null;
        const { onProgress } = session;
        const pulled = await pullModel({ client, id, revision, hub: hubFolder(), files, onProgress });
        const size = `${(pulled.bytes / 1e6).toFixed(1)} MB, ${(pulled.fetchedBytes / 1e6).toFixed(1)} MB of it fetched`;
        session.print(`${safe(id)} at ${pulled.commit.slice(0, 12)}: ${pulled.files.length} files, ${size}`);
        session.print(safe(pulled.folder));
        session.document(pulled);
      }),
    );
  models
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
