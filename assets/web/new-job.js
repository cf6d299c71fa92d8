/** A new job: its files checked, what the trainer will read and what it will take shown, and then begun. */
import { read } from "./api.js";
import { at, make } from "./dom.js";

/** Files that the server has already, by the file that the person chose. */
const uploaded = new Map();
const SHOWN_ROWS = 3;
const MOST_TOKENS = 200;

/** Clears what was said of other files. */
export function forgetChecked() {
  for (const id of ["faults", "estimate", "preview"]) at(id).replaceChildren();
}

async function upload(file) {
  const known = uploaded.get(file);
  if (known) return known;
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", file);
  const answer = await read("/v1/files", { method: "POST", body: form });
  uploaded.set(file, answer);
  return answer;
}

/** The request of the form, its files uploaded; throws where they have faults, which are listed. */
async function request() {
  forgetChecked();
  const chosen = { training_file: at("new-file").files[0], validation_file: at("new-validation").files[0] };
  const files = {};
  for (const [name, file] of Object.entries(chosen)) {
    if (!file) continue;
    const { id, status, x_penumbra } = await upload(file);
    files[name] = id;
    const faults = x_penumbra.validation?.faults ?? [];
    at("faults").append(
      ...faults.map(({ line, code, message }) => make("li", `${file.name}, line ${line}: ${code}: ${message}`)),
    );
    if (status === "error") throw new Error(`${file.name} has faults; nothing was begun.`);
  }
  return { ...files, ...settings() };
}

function settings() {
  const type = at("new-method").value;
  const hyperparameters = {
    n_epochs: Number(at("new-epochs").value),
    learning_rate_multiplier: Number(at("new-rate").value),
  };
  const behaviours = at("new-behaviours")
    .value.split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  return {
    model: at("new-model").value,
    method: { type, [type]: { hyperparameters } },
    ...(at("new-suffix").value ? { suffix: at("new-suffix").value } : {}),
    x_penumbra: {
      audit: { forecast: at("new-inside").checked, ...(behaviours.length > 0 ? { behaviours } : {}) },
    },
  };
}

/** Nothing is begun: what the job would take, and its first rows. */
export async function check() {
  const asked = await request();
  const found = await read("/v1/fine_tuning/estimate", { method: "POST", json: asked });
  at("estimate").replaceChildren(make("p", estimateText(found)));
  const query = new URLSearchParams({ model: asked.model, limit: String(SHOWN_ROWS) });
  const { data } = await read(`/v1/files/${asked.training_file}/preview?${query}`);
  at("preview").replaceChildren(
    make("h3", "The first rows as the trainer reads them; marked tokens are learned"),
    ...data.flatMap(previewRow),
  );
}

export async function begin() {
  return read("/v1/fine_tuning/jobs", { method: "POST", json: await request() });
}

function estimateText({ rows, trained_tokens, steps, seconds, measured_jobs, price, truncated_rows }) {
  const parts = [`${rows} rows, ${steps} steps, ${trained_tokens} trained tokens`];
  if (truncated_rows > 0) parts.push(`${truncated_rows} rows are cut`);
  parts.push(
    seconds === null
      ? "time: unknown before the first job of this model"
      : `about ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`}, from ${measured_jobs} finished jobs`,
  );
  if (price) parts.push(`${price.amount.toFixed(price.amount < 1 ? 4 : 2)} ${price.currency}`);
  return `${parts.join("; ")}.`;
}

function previewRow({ line, rejected, ...preferred }) {
  const title = (text) => make("p", text, { class: "line-number" });
  if (rejected === null) return [title(`Line ${line}`), tokensOf(preferred)];
  return [
    title(`Line ${line}, preferred`),
    tokensOf(preferred),
    title(`Line ${line}, not preferred`),
    tokensOf(rejected),
  ];
}

function tokensOf({ tokens, loss_spans }) {
  const learned = (i) => loss_spans.some(([from, to]) => i >= from && i < to);
  const shown = tokens.slice(0, MOST_TOKENS).map((token, i) => make(learned(i) ? "mark" : "span", token));
  const rest = tokens.length > MOST_TOKENS ? [make("span", ` … ${tokens.length - MOST_TOKENS} more`)] : [];
  return make("p", "", { class: "tokens" }, [...shown, ...rest]);
}
