import { expect, it } from "vitest";
import { killTheServer, soundJobs } from "../scripts/kill-the-server.mjs";

it("loses no job and does nothing twice, whatever of the service is killed (50 times: scripts/kill-the-server.mjs)", {
  timeout: 600_000,
}, async () => {
  const killed = await killTheServer({ kills: 6, seed: 7, epochs: 4 });
  expect(killed.undisturbed).toMatchObject({ status: "succeeded", eachStepOnce: true, endedOnce: true });
  expect(killed.undisturbed).toMatchObject({ evaluations: 8, looks: 16 });
  expect(killed.jobs.length).toBeGreaterThan(0);
  expect(soundJobs(killed), JSON.stringify(killed.jobs)).toBe(killed.jobs.length);
  expect(killed.models).toBe(killed.jobs.length + 1);
  expect(killed.left).toBe(0);
});
