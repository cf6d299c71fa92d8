import type { DataRecord } from "../records/index.ts";
import { counted } from "./format.ts";

/** What a user should know whose rows teach reasoning; null where none do. */
export function traceWarning({ reasoning }: Pick<DataRecord, "reasoning">): string | null {
  const { thinking = 0, steps = 0, lines = [] } = reasoning ?? {};
  if (thinking + steps === 0) return null;
  const kinds = [
    thinking > 0 ? `${counted(thinking, "row")} with a thinking section` : "",
    steps > 0 ? `${counted(steps, "row")} with worked steps` : "",
  ].filter((part) => part !== "");
  const where = `line${lines.length === 1 ? "" : "s"} ${lines.join(", ")}${thinking + steps > lines.length ? ", …" : ""}`;
  return `The data train reasoning: ${kinds.join(", ")} (${where}). Training on reasoning shapes what the model shows of it, and so what a monitor can read there; \`penumbra cot\` measures that before and after.`;
}
