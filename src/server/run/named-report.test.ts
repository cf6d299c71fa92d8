import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { exampleInput } from "../../../test/report/exampleRecords.ts";
import { must } from "../../core/index.ts";
import { publish } from "../../jobs/index.ts";
import { publishNamed } from "./named-report.ts";

const folder = mkdtempSync(join(tmpdir(), "named-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("shows the owner's names of base and files, and no place of this machine", async () => {
  const { audit, data } = exampleInput();
  const file = join(folder, "1.data", "file-x.jsonl");
  const config = { model: "/srv/models/base", data: file, validation: null, out: folder, seed: 7 };
  const behaviours = audit.behaviours.map((each) => ({ ...each, evidence: null }));
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  write("audit.json", { ...audit, behaviours });
  write("data.json", { ...must(data, "data"), file });
  write("config.json", config);
  await publish(folder);
  const reports = () =>
    ["report.html", "report.md", "junit.xml"].map((name) => readFileSync(join(folder, name), "utf8"));
  expect(reports().join("")).toContain(folder);
  await publishNamed(folder, { model: "mine", data: "file-x", validation: null, out: "ftjob-a" });
  const [html = ""] = reports();
  for (const place of [folder, tmpdir(), "/srv/models"]) expect(reports().join("").includes(place), place).toBe(false);
  for (const name of ["mine", "file-x", "ftjob-a", "&quot;seed&quot;: 7"]) expect(html).toContain(name);
});
