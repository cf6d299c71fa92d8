/** A reader that leaves early (`| head -1`) changes nothing of how a command ends. */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundledRows, penumbra, workplace } from "./penumbra.ts";

const { folder, path, remove } = workplace();
beforeAll(() => {
  writeFileSync(path("ok.jsonl"), bundledRows(8));
  writeFileSync(path("faulty.jsonl"), "{\n".repeat(5000));
});
afterAll(remove);

/** `$0 $@` is the program; its own code, whatever the reader's is. */
const piped = (pipe: string, ...args: string[]) =>
  penumbra(folder, args, { through: ["bash", "-c", `"$0" "$@" ${pipe}; exit \${PIPESTATUS[0]}`] });

it.skipIf(process.platform === "win32").each([
  ["| head -1", 2, ["validate", "faulty.jsonl"]],
  ["| true", 2, ["validate", "faulty.jsonl"]],
  ["2>&1 | true", 2, ["validate", "faulty.jsonl"]],
  ["| true", 0, ["validate", "ok.jsonl"]],
  ["| true", 2, ["frobnicate"]],
  ["| true", 0, ["--help"]],
] as const)("%s: the code is %i", async (pipe, wanted, args) => {
  const { code, stdout, stderr } = await piped(pipe, ...args);
  expect(code).toBe(wanted);
  if (pipe === "| head -1") expect(stdout).toBe("faulty.jsonl: 5,000 rows, 0 usable\n");
  if (wanted === 2 && !pipe.startsWith("2>")) expect(stderr).toMatch(/^penumbra: /m);
  expect(stderr).not.toContain("EPIPE");
});
