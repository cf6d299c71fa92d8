import type { AuditRecord } from "../records/index.ts";
import { counted } from "./format.ts";

/** Whom the wide interval holds for, as the reasons of the verdicts have it; older records do not say how many. */
export function together({ family }: Pick<AuditRecord, "family">): string {
  if (family === null) return "all behaviours together";
  return family === 1 ? "this one behaviour" : `all ${family} behaviours together`;
}

/** The name of that interval. */
export const familyInterval = ({ family }: Pick<AuditRecord, "family">): string =>
  family === null ? "Interval over all behaviours" : `Interval over ${counted(family, "behaviour")}`;
