/** What the capability gate reads of a model, on the items alone that it asks in parallel forms. */
import { gateOf, parallelScores } from "../dist/audit/gate.js";
import { scoreAll } from "../dist/audit/index.js";
import { parallelForms } from "../dist/behaviours/index.js";

/** `items`: how many these are; `scores`: the model's, of these. */
export async function gateReading(model, behaviour) {
  const ids = new Set(parallelForms(behaviour).bare.items.map(({ id }) => id));
  const few = { ...behaviour, items: behaviour.items.filter(({ id }) => ids.has(id)) };
  const [scores] = await scoreAll(model, [few], { task: "gate" });
  const parallel = await parallelScores(model, [few], { task: "gate" });
  return { items: few.items.length, scores, gate: gateOf(behaviour, scores, parallel.get(behaviour.id) ?? null) };
}
