import type { Register } from "../command.ts";

export const registerSign: Register = (program, act) => {
  program
    .command("sign")
    .description("hashes every file of a run folder and signs the list, so that others can verify it")
    .argument("<folder>", "a run folder")
    .option("--key <name>", "one of your signing keys; without it the hashes alone are written")
    .action(
      act<[string, { key?: string }]>(async (session, folder, { key }) => {
        const { signFolder } = await import("../../jobs/index.ts");
        const { safe } = await import("../tables.ts");
        const attestation = await signFolder(folder, key ?? null);
        const { signature, files } = attestation;
        session.print(`${Object.keys(files).length} files: ${safe(folder, 1000)}/attestation.json`);
        if (signature) session.print(`Signed by ${safe(signature.keyName)}, key ${signature.fingerprint}`);
        else
          session.print(
            "Not signed: whoever changes a file can change its hash. `penumbra signing-key create` makes a key.",
          );
        session.document(attestation);
      }),
    );
};
