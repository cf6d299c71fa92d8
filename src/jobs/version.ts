import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";

const Package = z.looseObject({ name: z.string(), version: z.string() });

function nameAndVersion(path: string): string {
  const { name, version } = Package.parse(JSON.parse(readFileSync(path, "utf8")));
  return `${name} ${version}`;
}

/** Program and version, as reports and manifests name them. */
export const GENERATED_BY = nameAndVersion(join(import.meta.dirname, "../../package.json"));

/** The runtime and version that computes. */
export const RUNTIME = nameAndVersion(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
