/** Greedy generation of transformers.js, f32, on ONNX Runtime's CPU provider: see ../../generation.mjs. */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { AutoModelForCausalLM, env, Tensor } from "@huggingface/transformers";

const { folder, promptsFile, rows, tokens, threads, repeats } = JSON.parse(process.argv[2]);
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);

const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
  dtype: "fp32",
  device: "cpu",
  session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
});
const prompts = JSON.parse(readFileSync(promptsFile, "utf8")).slice(0, rows);
const shape = [rows, prompts[0].length];
const ints = (values) => new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
const ids = ints(prompts.flat());
const mask = ints(prompts.flat().map(() => 1));

async function generate(max_new_tokens) {
  const out = await model.generate({
    input_ids: ids,
    attention_mask: mask,
    max_new_tokens,
    do_sample: false,
    eos_token_id: -1,
  });
  return out.tolist().map((row) => row.slice(shape[1]).map(Number));
}

await generate(4);
const seconds = [];
let answers = [];
for (let i = 0; i < repeats; i++) {
  const startedAt = performance.now();
  answers = await generate(tokens);
  seconds.push((performance.now() - startedAt) / 1000);
}
if (answers.some((row) => row.length !== tokens)) throw new Error("a row stopped early");
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
const { version } = JSON.parse(
  readFileSync(new URL("node_modules/@huggingface/transformers/package.json", import.meta.url)),
);
console.log(JSON.stringify({ seconds, peakRssBytes, answers, versions: { "@huggingface/transformers": version } }));
