import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../core/index.ts";
import { readDataset } from "./dataset.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dataset-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(contents: string | Uint8Array) {
  const file = join(folder, "data.jsonl");
  await writeFile(file, contents);
  return readDataset(file);
}

const user = { role: "user", content: "q" };
const answer = { role: "assistant", content: "a" };
const row = (messages: unknown) => JSON.stringify({ messages });
const good = row([user, answer]);

describe("each format", () => {
  test("messages, with system, several turns and weights", async () => {
    const messages = [{ role: "system", content: "s" }, user, { ...answer, weight: 0 }, user, { ...answer, weight: 1 }];
    const { rows, faults, format } = await read(`${row(messages)}\n${good}\n`);
    expect([faults, format]).toEqual([[], "messages"]);
    expect(rows).toEqual([
      { format: "messages", line: 1, messages },
      { format: "messages", line: 2, messages: [user, answer] },
    ]);
  });

  test("prompt and completion, text, preference", async () => {
    expect((await read('{"prompt":"p","completion":"c"}')).rows).toEqual([
      { format: "prompt-completion", line: 1, prompt: "p", completion: "c" },
    ]);
    expect((await read('{"text":"t"}')).rows).toEqual([{ format: "text", line: 1, text: "t" }]);
    const other = { role: "assistant", content: "b" };
    const pair = { input: { messages: [user] }, preferred_output: [answer], non_preferred_output: [other] };
    const expected = { format: "preference", line: 1, input: [user], preferred: answer, nonPreferred: other };
    expect((await read(JSON.stringify(pair))).rows).toEqual([expected]);
    expect((await read(JSON.stringify({ ...pair, input: [user] }))).rows).toEqual([expected]);
  });

  test("rows as other services want them, which say that no tool is offered", async () => {
    const none = { tools: [], parallel_tool_calls: true };
    const outputs = { preferred_output: [answer], non_preferred_output: [{ ...answer, content: "b" }] };
    const pair = JSON.stringify({ input: { messages: [user], ...none }, ...outputs });
    expect((await read(pair)).rows.map(({ format }) => format)).toEqual(["preference"]);
    expect((await read(JSON.stringify({ messages: [user, answer], ...none }))).rows).toEqual([
      { format: "messages", line: 1, messages: [user, answer] },
    ]);
  });

  test("lines end with LF or CRLF, the last one need not, a byte order mark may stand first", async () => {
    const { rows, faults } = await read(`\uFEFF${good}\r\n${good}\n${good}`);
    expect([rows.map(({ line }) => line), faults]).toEqual([[1, 2, 3], []]);
  });
});

describe("each fault, by its name and line", () => {
  const cases: [string, string, string[]][] = [
    ["broken JSON", "{", ["invalid_json"]],
    ["a list as row", "[1]", ["data_type"]],
    ["a number as row", "3", ["data_type"]],
    ["an empty object", "{}", ["missing_messages_list"]],
    ["a misnamed key", '{"mesages":[]}', ["missing_messages_list"]],
    ["messages of another type", '{"messages":"x"}', ["missing_messages_list"]],
    ["no messages", '{"messages":[]}', ["missing_messages_list"]],
    ["an unknown key beside", JSON.stringify({ messages: [user, answer], functions: [] }), ["unknown_key"]],
    ["tools", JSON.stringify({ messages: [user, answer], tools: [{ type: "function" }] }), ["unknown_key"]],
    [
      "tools of a pair",
      JSON.stringify({
        input: { messages: [user], tools: [{}], parallel_tool_calls: 1 },
        preferred_output: [answer],
        non_preferred_output: [{ ...answer, content: "b" }],
      }),
      ["unknown_key", "unknown_key"],
    ],
    ["keys of two formats", JSON.stringify({ messages: [user, answer], text: "t" }), ["mixed_formats"]],
    [
      "a message that is a text",
      row([user, "hi"]),
      ["data_type", "example_missing_assistant_message", "roles_do_not_alternate"],
    ],
    ["no role", row([{ content: "q" }, answer]), ["message_missing_key"]],
    ["no content", row([user, { role: "assistant" }]), ["message_missing_key"]],
    ["an unknown message key", row([{ ...user, mood: 1 }, answer]), ["message_unrecognized_key"]],
    ["an unknown role", row([{ role: "tool", content: "x" }, answer]), ["unrecognized_role"]],
    ["empty content", row([user, { role: "assistant", content: "" }]), ["missing_content"]],
    ["null as content", row([user, { role: "assistant", content: null }]), ["missing_content"]],
    ["parts as content", row([{ role: "user", content: [{ type: "text" }] }, answer]), ["missing_content"]],
    ["no assistant", row([user]), ["example_missing_assistant_message"]],
    ["weight 2", row([user, { ...answer, weight: 2 }]), ["bad_weight"]],
    ["weight true", row([user, { ...answer, weight: true }]), ["bad_weight"]],
    ["a user's weight", row([{ ...user, weight: 1 }, answer]), ["bad_weight"]],
    ["all weights 0", row([user, { ...answer, weight: 0 }]), ["no_response_tokens"]],
    ["two users", row([user, user, answer]), ["roles_do_not_alternate"]],
    ["assistant first", row([answer, user]), ["roles_do_not_alternate"]],
    ["a late system message", row([user, answer, { role: "system", content: "s" }]), ["roles_do_not_alternate"]],
    ["half a surrogate pair", '{"text":"\\ud800"}', ["invalid_unicode"]],
    ["an empty text", '{"text":""}', ["missing_content"]],
    ["a text of another type", '{"text":5}', ["data_type"]],
    ["no completion", '{"prompt":"p"}', ["missing_content"]],
    [
      "outputs that are the same",
      JSON.stringify({ input: [user], preferred_output: [answer], non_preferred_output: [answer] }),
      ["preference_output"],
    ],
    [
      "two messages as output",
      JSON.stringify({ input: [user], preferred_output: [answer, answer], non_preferred_output: [answer] }),
      ["preference_output"],
    ],
    [
      "an input that ends with the assistant",
      JSON.stringify({
        input: [user, answer],
        preferred_output: [answer],
        non_preferred_output: [{ ...answer, content: "z" }],
      }),
      ["preference_input"],
    ],
    [
      "all at once",
      row([{ role: "x", mood: 1 }, user, user]),
      ["message_missing_key", "message_unrecognized_key", "unrecognized_role", "example_missing_assistant_message"],
    ],
  ];
  test.each(cases)("%s", async (_, line, codes) => {
    const { rows, faults } = await read(`${line}\n`);
    expect(rows).toEqual([]);
    expect(faults.map(({ code }) => code)).toEqual(codes);
    expect(new Set(faults.map((fault) => fault.line))).toEqual(new Set([1]));
  });

  test("of the file: all lines are told, the sound rows kept", async () => {
    const contents = Buffer.concat([
      Buffer.from(`${good}\n\n  \n{\n`),
      Buffer.from([0x7b, 0xff, 0x7d, 10]),
      Buffer.from(`{"text":"t"}\n${good}\n`),
    ]);
    const { rows, faults, format, rowCount } = await read(contents);
    expect(rows.map(({ line }) => line)).toEqual([1, 7]);
    expect(faults.map(({ line, code }) => [line, code])).toEqual([
      [2, "empty_line"],
      [3, "empty_line"],
      [4, "invalid_json"],
      [5, "invalid_utf8"],
      [6, "mixed_formats"],
    ]);
    expect([format, rowCount]).toEqual(["messages", 5]);
  });

  test("an empty file", async () => {
    expect((await read("")).faults.map(({ code }) => code)).toEqual(["empty_file"]);
  });

  test("a line beyond the cap is dropped and named, the next one read", async () => {
    const long = JSON.stringify({ text: "x".repeat(10 * 2 ** 20) });
    const { rows, faults } = await read(`${long}\n{"text":"t"}\n`);
    expect([rows.length, faults.map(({ line, code }) => [line, code])]).toEqual([1, [[1, "line_too_long"]]]);
  });

  test("messages for a terminal carry no control characters of the file", async () => {
    const { faults } = await read(`{"\\u001b[31mred":1}\n\u001b[31m\n`);
    expect(faults).toHaveLength(2);
    for (const { message } of faults) expect(message).not.toMatch(/\p{Cc}/u);
  });

  test("whoever wants a few rows reads no further than to the last of them", async () => {
    const file = join(folder, "long.jsonl");
    await writeFile(file, `${good}\n{\n${good}\n${good}\n{\n`);
    const { rows, faults, rowCount } = await readDataset(file, 2);
    expect([rows.map(({ line }) => line), faults.map(({ line }) => line), rowCount]).toEqual([[1, 3], [2], 3]);
    expect((await readDataset(file, 9)).rows.length).toBe(3);
  });

  test("no file at all is the user's mistake", async () => {
    await expect(readDataset(join(folder, "none.jsonl"))).rejects.toThrow(UserError);
    await expect(readDataset(folder)).rejects.toThrow(UserError);
  });
});

test("any content: every line is a row or has a fault, and nothing throws", async () => {
  const message = fc.record(
    { role: fc.constantFrom("user", "assistant", "x"), content: fc.string() },
    { requiredKeys: [] },
  );
  const line = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ messages: fc.array(fc.oneof(message, fc.anything())) }).map((value) => JSON.stringify(value) ?? ""),
    fc.constant(good),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), async (lines) => {
      const flat = lines.map((text) => text.replaceAll("\n", " "));
      const { rows, faults } = await read(flat.map((text) => `${text}\n`).join(""));
      const seen = new Set([...rows, ...faults].map((found) => found.line));
      expect([...seen].sort((a, b) => a - b)).toEqual(flat.map((_, index) => index + 1));
      expect(rows.some((found) => faults.some((fault) => fault.line === found.line))).toBe(false);
    }),
    { numRuns: 150 },
  );
});
