/** Base and tuned model, asked the same. */
import { read, stream } from "./api.js";
import { at, make } from "./dom.js";

/** By model: its base. */
let bases = new Map();

/** Fills both lists of models. */
export async function fillModels() {
  const { data } = await read("/v1/models");
  const isBase = ({ id, x_penumbra }) => x_penumbra.base === id;
  const option = ({ id, x_penumbra: { held } }) => make("option", held ? `${id} (held back)` : id, { value: id });
  const fill = (select, models) => {
    const chosen = select.value;
    select.replaceChildren(...models.map(option));
    if (models.some(({ id }) => id === chosen)) select.value = chosen;
  };
  fill(at("new-model"), data.filter(isBase));
  fill(
    at("chat-model"),
    data.filter((model) => !isBase(model)),
  );
  bases = new Map(data.map(({ id, x_penumbra: { base } }) => [id, base]));
}

export async function askBoth() {
  const tuned = at("chat-model").value;
  if (!tuned) throw new Error("There is no tuned model yet.");
  const messages = [{ role: "user", content: at("chat-text").value }];
  const answer = async (model, place) => {
    place.textContent = "";
    const json = { model, messages, temperature: 0, stream: true };
    for await (const { choices } of stream("/v1/chat/completions", { method: "POST", json }))
      place.textContent += choices[0]?.delta.content ?? "";
  };
  // One after the other on the server, at once for the reader.
  await Promise.all([answer(bases.get(tuned), at("answer-base")), answer(tuned, at("answer-tuned"))]);
}
