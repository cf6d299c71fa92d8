import type { Register } from "../command.ts";

export const registerSigningKey: Register = (program, act) => {
  const command = program.command("signing-key").description("your keys for signing run folders (Ed25519)");
  command
    .command("create")
    .description("makes a key pair; the private half stays in your configuration, readable by you alone")
    .argument("<name>", "what you call it")
    .action(
      act<[string, object]>(async (session, name) => {
        const { createSigningKey } = await import("../../jobs/index.ts");
        const { safe } = await import("../tables.ts");
        const key = await createSigningKey(name);
        session.print(`Public key: ${safe(key.publicPath, 1000)}`);
        session.print(`Fingerprint: ${key.fingerprint}`);
        session.print("Hand out the public key, and the fingerprint over another channel: that is what readers trust.");
        session.document(key);
      }),
    );
  command
    .command("list")
    .description("your keys with their fingerprints")
    .action(
      act<[object]>(async (session) => {
        const { listSigningKeys } = await import("../../jobs/index.ts");
        const { columns, safe } = await import("../tables.ts");
        const keys = await listSigningKeys();
        for (const line of columns(keys.map(({ name, fingerprint }) => [safe(name), fingerprint]))) session.print(line);
        if (keys.length === 0) session.print("None yet: penumbra signing-key create <name>");
        session.document(keys);
      }),
    );
};
