import { expect, it } from "vitest";
import { killAndResume } from "../scripts/kill-and-resume.mjs";

it("ends with the same adapter and the same audit, however a run is killed or cancelled", {
  timeout: 900_000,
}, async () => {
  const flags = ["--behaviours", "wrong-capitals", "--no-merged", "--epochs", "2"];
  const { kills, cancels } = await killAndResume({ kills: 2, cancels: 1, seed: 7, flags });
  expect(kills.map(({ signal, sameAdapter, sameAudit }) => [signal, sameAdapter, sameAudit])).toEqual(
    kills.map(() => ["SIGKILL", true, true]),
  );
  expect(cancels.map(({ exitCode, sameAdapter, sameAudit }) => [exitCode, sameAdapter, sameAudit])).toEqual(
    cancels.map(() => [130, true, true]),
  );
});
