/** What a run says before it trains. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOptions } from "../jobs/index.ts";
import { ForecastRecord } from "../records/index.ts";
import { forecastSentence } from "../report/index.ts";
import type { Session } from "./session.ts";
import { safe } from "./tables.ts";

/** Hears of the stages of the run in `folder`; once the forecast is there, its sentence is printed. */
export function foretell(session: Pick<Session, "print">, folder: string): NonNullable<RunOptions["onStage"]> {
  return ({ name }) => {
    if (name !== "forecast") return;
    const record = ForecastRecord.parse(JSON.parse(readFileSync(join(folder, "forecast.json"), "utf8")));
    session.print(safe(forecastSentence(record), 1000));
    session.print();
  };
}
