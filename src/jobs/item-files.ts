import { basename } from "node:path";
import type { AttestedComparison } from "../records/index.ts";
import { hashContents } from "../store/index.ts";
import { isBehaviourFile, isControlFile } from "./config.ts";

/** The user's own files behind an audit, behaviours and controls, as they are now; nothing where there are none. */
export async function itemFilesOf({
  behaviours,
  controls = [],
}: {
  readonly behaviours: readonly string[];
  readonly controls?: readonly string[];
}): Promise<{ readonly itemFiles?: AttestedComparison["items"] }> {
  const paths = [...new Set([...behaviours.filter(isBehaviourFile), ...controls.filter(isControlFile)])];
  if (paths.length === 0) return {};
  return {
    itemFiles: await Promise.all(
      paths.map(async (path) => ({ name: basename(path), sha256: await hashContents(path) })),
    ),
  };
}
