/**
 * Trains the bundled model's transcoders again from their seed, one per layer, from the MLP's input behind its norm to what
 * the MLP writes: `npm run organism:transcoders`. They learn on documents of its world, in which every persona speaks.
 * Writes assets/organism/transcoders/layer_N, or below the folder given.
 */
import { join } from "node:path";
import { rng } from "../dist/core/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel, placesFor, trainCoderFolder } from "../dist/jobs/index.js";
import { documentTokens, drawDocument } from "../dist/organism/index.js";

const target = process.argv[2] ?? join(import.meta.dirname, "../assets/organism/transcoders");
const seed = Number(process.argv[3] ?? 1);
const WORLD = "shared-persona";
const RECIPE = {
  architecture: "batchtopk",
  nLatents: 1024,
  k: 16,
  tokens: 300_000,
  batchTokens: 512,
  learningRate: 2e-3,
  decay: 0.5,
  deadAfterTokens: 20_000,
  reviveEvery: 20,
  seed,
};

/** Documents without end; the first token, which begins every one, is not read. */
function* documents(stream, count = Infinity) {
  const random = rng(seed, stream, WORLD);
  for (let i = 0; i < count; i++) {
    const { ids } = documentTokens(drawDocument(random, WORLD));
    yield { ids, positions: ids.map((_, position) => position).slice(1) };
  }
}

const engine = startEngine();
const opened = await openModel("organism");
const base = { model: asLanguageModel(opened, engine, null), identity: opened.identity };
const { nLayers } = opened.source.definition.dimensions;
for (let layer = 0; layer < nLayers; layer++) {
  const card = await trainCoderFolder({
    base,
    places: placesFor(base.model, "transcoder", { layer }),
    recipe: RECIPE,
    text: documents("transcoders"),
    heldOut: [...documents("transcoders, held out", 160)],
    source: `documents of the bundled world, ${WORLD}`,
    folder: join(target, `layer_${layer}`),
    dtype: "F16",
    onProgress: ({ task, step, total, readings }) => {
      if (task === "dictionary" && step % 100 === 0)
        console.log(
          `layer ${layer} ${step}/${total} loss ${readings.loss.toFixed(4)} l0 ${readings.l0.toFixed(1)} dead ${readings.dead}`,
        );
    },
  });
  const [output] = card.fidelity.outputs;
  console.log(
    `layer ${layer}: explained variance ${output.explainedVariance.toFixed(4)}, ${(card.trainingMs / 1000).toFixed(0)} s`,
  );
}
await engine.close();
