/**
 * Trains the bundled models again from their seeds: `npm run organism`. Writes assets/organism/model (the world whose
 * turns share a persona) and assets/organism/control-world (persona redrawn every turn), or below the folder given.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startEngine } from "../dist/engine/index.js";
import { organismRecipe, trainOrganism, writeOrganism } from "../dist/organism/index.js";

const target = process.argv[2] ?? join(import.meta.dirname, "../assets/organism");
const seed = Number(process.argv[3] ?? 1);
const worlds = (process.argv[4] ?? "shared-persona,independent").split(",");
const folders = { "shared-persona": "model", independent: "control-world" };

for (const world of worlds) {
  const engine = startEngine();
  const startedAt = performance.now();
  const flat = await trainOrganism(engine, { ...organismRecipe, seed, world }, (stage, { step, loss, durationMs }) => {
    if (step % 100 === 0)
      console.log(`${world} ${stage} step ${step}: loss ${loss.toFixed(4)} nats, ${durationMs.toFixed(0)} ms a step`);
  });
  const folder = join(target, folders[world]);
  await mkdir(folder, { recursive: true });
  await writeOrganism(folder, flat);
  console.log(`${folder} in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  await engine.close();
}
