import type { Command } from "commander";
import type { Act } from "../command.ts";

const SHOWN = 3;

export function registerPull(dictionary: Command, act: Act): void {
  dictionary
    .command("pull")
    .description("download a published dictionary by its name: resumes, checks hashes; HF_TOKEN for gated ones")
    .argument("<name>", "owner/repository[/folder][@revision], or a release and id of SAELens")
    .action(
      act<[string]>(async (session, name) => {
        const { hubFromEnvironment } = await import("../../data/index.ts");
        const { pullDictionary } = await import("../../jobs/index.ts");
        const { safe } = await import("../tables.ts");
        const client = { ...(await hubFromEnvironment(process.env)), signal: session.signal };
        const { onProgress } = session;
        const found = await pullDictionary({ client, name, onProgress });
        const { pulled, folder, dictionaries, format } = found;
        const size = `${(pulled.bytes / 1e6).toFixed(1)} MB, ${(pulled.fetchedBytes / 1e6).toFixed(1)} MB of it fetched`;
        session.print(`${safe(name)} at ${pulled.commit.slice(0, 12)}: ${pulled.files.length} files, ${size}`);
        for (const line of dictionaries.slice(0, SHOWN)) session.print(`${safe(line)} (${format})`);
        if (dictionaries.length > SHOWN) session.print(`… ${dictionaries.length} in all`);
        session.print(safe(folder));
        session.document(found);
      }),
    );
}
