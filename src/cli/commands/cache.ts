import type { Register } from "../command.ts";

export const registerCache: Register = (program, act) => {
  const cache = program.command("cache").description("what the caches hold, and how to empty them");
  cache
    .command("list")
    .description("what the caches hold")
    .action(
      act<[]>(async (session) => {
        const { cacheFolder, listCache } = await import("../../store/index.ts");
        const entries = await listCache();
        await printEntries(session.print, entries, `${cacheFolder()} is empty.`);
        session.document({ folder: cacheFolder(), entries });
      }),
    );
  cache
    .command("purge")
    .description("empties the caches, or the one that is named")
    .argument("[cache]", "one cache, for example models")
    .action(
      act<[string | undefined, object]>(async (session, name) => {
        const { purgeCache } = await import("../../store/index.ts");
        const removed = await purgeCache(name);
        await printEntries(session.print, removed, "There was nothing to remove.");
        session.document({ removed });
      }),
    );
};

async function printEntries(
  print: (line: string) => void,
  entries: readonly { readonly name: string; readonly bytes: number }[],
  none: string,
): Promise<void> {
  const { columns, safe } = await import("../tables.ts");
  if (entries.length === 0) print(none);
  const rows = entries.map(({ name, bytes }) => [safe(name), `${(bytes / 1e6).toFixed(1)} MB`]);
  for (const line of columns(rows, [1])) print(line);
}
