/** The folder that a run writes to. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { UserError } from "../core/index.ts";
import { checkDevice, type Engine, startEngine } from "../engine/index.ts";
import { atomicWriteFile, diskFault, lockFolder, removeLeftovers } from "../store/index.ts";
import type { Config } from "./config.ts";

/** One run at a time in a folder; its configuration and manifest are written first. */
export async function inFolder<T>(config: Config, work: (engine: Engine) => Promise<T>): Promise<T> {
  await mkdir(config.out, { recursive: true }).catch((error: unknown) => {
    throw diskFault(error, config.out, 0);
  });
  const release = lockFolder(config.out, `output folder ${config.out}`);
  const engine = startEngine();
  try {
    await checkDevice(engine);
    await removeLeftovers(config.out);
    await keepHandwritten(join(config.out, "penumbra.yaml"));
    await atomicWriteFile(join(config.out, "penumbra.yaml"), stringify(config));
    await atomicWriteFile(join(config.out, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
    return await work(engine);
  } finally {
    await engine.close();
    release();
  }
}

/** A configuration with comments is somebody's own; the resolved one must not take its place. */
async function keepHandwritten(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (!/^\s*#/m.test(text)) return;
  throw new UserError(path, {
    expected: "a run folder without a configuration of your own",
    got: "one with comments, which is left as it is",
    fix: "choose another folder with --out",
  });
}
