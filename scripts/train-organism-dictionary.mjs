/**
 * Trains the dictionaries of the bundled models again from their seed: `npm run organism:dictionary`. They read the
 * residual stream of the helpers (chat stage done) on documents of their worlds, in which every persona speaks, so that
 * there are latents for villains' text as well. Writes assets/organism/dictionary and control-world-dictionary, or below
 * the folder given.
 */
import { join } from "node:path";
import { rng } from "../dist/core/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel, trainDictionaryFolder } from "../dist/jobs/index.js";
import { documentTokens, drawDocument } from "../dist/organism/index.js";

const target = process.argv[2] ?? join(import.meta.dirname, "../assets/organism");
const seed = Number(process.argv[3] ?? 1);
const HOOK = "blocks.2.hook_resid_post";
const RECIPE = { nLatents: 1024, k: 16, tokens: 200_000, batchTokens: 256, learningRate: 3e-3, decay: 0.5, seed };
const worlds = [
  { world: "shared-persona", model: "organism", folder: "dictionary" },
  { world: "independent", model: "organism-control-world", folder: "control-world-dictionary" },
];

/** Documents without end; the first token, which begins every one, is not read. */
function* documents(stream, world, count = Infinity) {
  const random = rng(seed, stream, world);
  for (let i = 0; i < count; i++) {
    const { ids } = documentTokens(drawDocument(random, world));
    yield { ids, positions: ids.map((_, position) => position).slice(1) };
  }
}

for (const { world, model, folder } of worlds) {
  const engine = startEngine();
  const opened = await openModel(model);
  const card = await trainDictionaryFolder({
    base: { model: asLanguageModel(opened, engine, null), identity: opened.identity },
    hook: HOOK,
    recipe: RECIPE,
    text: documents("dictionary", world),
    heldOut: [...documents("dictionary, held out", world, 160)],
    source: `documents of the bundled world, ${world}`,
    folder: join(target, folder),
    dtype: "F16",
    onProgress: ({ task, step, total, readings }) => {
      if (step % 100 === 0) console.log(`${world} ${task} ${step}/${total} ${readings?.loss?.toFixed(4) ?? ""}`);
    },
  });
  const [base] = card.quality.quality;
  console.log(`${join(target, folder)}: unexplained variance ${(1 - base.fidelity.explainedVariance).toFixed(4)}`);
  await engine.close();
}
