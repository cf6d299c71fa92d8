import { join } from "node:path";
import { hashFile } from "../../store/index.ts";
import { type Part, stage } from "../part.ts";
import { publish } from "../publish.ts";

/** `report.html`, `report.md` and `junit.xml` from the records. */
export async function reportStage(part: Pick<Part, "config" | "options" | "stages">): Promise<void> {
  const { config, options } = part;
  const records = await Promise.all(
    ["audit.json", "forecast.json", "geometry.json"].map((name) => hashFile(join(config.out, name)).catch(() => null)),
  );
  const inputs = { records, redact: options.redact ?? false, config };
  await stage(part, "report", inputs, ({ folder }) => publish(folder, options));
}
