/**
 * Does the capability gate tell a model that reads the items from one that does not? SmolLM2-135M-Instruct beside the same
 * weights with the layers in a wrong order (layer n takes the weights of layer 7n + 11 mod 30): its statistics are those of
 * a trained model, and it understands nothing. Every built-in behaviour, the items that the gate asks in parallel forms. Beside the
 * gate's reliability what it was before: halves of clusters, or of the two ways in which each item is asked.
 *
 *   npm run build && PENUMBRA_SMOLLM2_GGUF=model.gguf node studies/capability-gate.mjs [--behaviours a,b]
 *
 * writes docs/results/capability-gate.{json,md}; behaviours that are there are not measured again.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { splitHalfReliability } from "../dist/audit/statistics/index.js";
import { realBehaviours } from "../dist/behaviours/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel } from "../dist/jobs/index.js";
import { flag, headCommit, pathNamed, root } from "../scripts/measuring.mjs";
import { capabilityGatePage } from "./capability-gate-page.mjs";
import { gateReading } from "./gate-reading.mjs";

const file = join(root, "docs/results/capability-gate.json");
const MODELS = ["as it is", "layers in a wrong order"];
const chosen = flag("behaviours", realBehaviours.map(({ id }) => id).join()).split(",");

const opened = await openModel(resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF")));
const found = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).behaviours : {};
const engine = startEngine();
try {
  for (const behaviour of realBehaviours.filter(({ id }) => chosen.includes(id) && !found[id])) {
    const figures = { commit: headCommit() };
    for (const name of MODELS) figures[name] = await gateFigures(behaviour, modelNamed(name));
    found[behaviour.id] = figures;
    console.log(behaviour.id, JSON.stringify(figures));
    write();
  }
  write();
} finally {
  await engine.close();
}

function modelNamed(name) {
  const source = name === MODELS[0] ? opened.source : { ...opened.source, tensors: reordered(opened.source.tensors) };
  return asLanguageModel({ ...opened, source }, engine, null);
}

function reordered(tensors) {
  const layerOf = (name) => name.replace(/layers\.(\d+)\./, (_, n) => `layers.${(7 * Number(n) + 11) % 30}.`);
  return new Map([...tensors.keys()].map((name) => [name, tensors.get(layerOf(name))]));
}

async function gateFigures(behaviour, model) {
  const { items, scores, gate } = await gateReading(model, behaviour);
  const { passed, reason, reliability, within } = gate;
  const asBefore = splitHalfReliability(
    scores.items.map(({ cluster, variantLogOdds, score }) => ({ cluster, score, logOdds: variantLogOdds })),
  );
  const mean = scores.items.reduce((sum, { score }) => sum + score, 0) / scores.items.length;
  const rounded = { reliability, within, halves: asBefore, meanScore: mean };
  const figures = Object.entries(rounded).map(([key, value]) => [
    key,
    value === null ? null : Number(value.toFixed(4)),
  ]);
  return { items, passed, reason, ...Object.fromEntries(figures) };
}

function write() {
  const record = {
    command: "node studies/capability-gate.mjs",
    sha256: opened.identity.sha256,
    models: MODELS,
    behaviours: found,
  };
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(file.replace(/json$/, "md"), capabilityGatePage({ ...record, of: realBehaviours.length }));
}
