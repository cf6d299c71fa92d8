import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { UserError } from "../../core/index.ts";
import type { Register } from "../command.ts";
import { CONFIG_FILE } from "../options.ts";

const DATA_FILE = "train.jsonl";

export const registerInit: Register = (program, act) => {
  program
    .command("init")
    .description(`writes a commented ${CONFIG_FILE} and example data here; overwrites nothing`)
    .action(
      act<[]>(async (session) => {
        const { assetFolder } = await import("../../jobs/index.ts");
        const { STARTER_YAML } = await import("../starter.ts");
        const files = { [DATA_FILE]: await readFile(assetFolder("organism/data/inducing.jsonl"), "utf8") };
        await writeNew({ ...files, [CONFIG_FILE]: STARTER_YAML });
        session.print(`Wrote ${CONFIG_FILE} (every key with its default) and ${DATA_FILE} (300 example rows).`);
        session.print("Next: penumbra run --epochs 4 --learning-rate 0.002");
        session.document({ files: [CONFIG_FILE, DATA_FILE] });
      }),
    );
};

async function writeNew(files: Readonly<Record<string, string>>): Promise<void> {
  const there = Object.keys(files).find((name) => existsSync(name));
  if (there !== undefined) {
    throw new UserError(there, {
      expected: "a folder without it",
      got: "a file of that name, which is left as it is",
      fix: "move it away or run `penumbra init` in another folder",
    });
  }
  const { diskFault } = await import("../../store/index.ts");
  for (const [name, text] of Object.entries(files)) {
    await writeFile(name, text, { flag: "wx" }).catch((error: unknown) => {
      throw diskFault(error, name, text.length);
    });
  }
}
