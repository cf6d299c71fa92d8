/** Pickles are read and never run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { dictionaryFixtures } from "../../test/dictionary-fixtures.ts";
import { UserError } from "../core/index.ts";
import { openNpz } from "./npz.ts";
import { PickleObject, type PickleRules, readPickle } from "./pickle.ts";
import { readView } from "./tensor-view.ts";
import { openTorchState } from "./torch-file.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-pickle-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rules: PickleRules = { makers: {}, names: new Set(), persistent: () => null, inert: false };
const read = (bytes: Uint8Array | string, other: Partial<PickleRules> = {}) =>
  readPickle(Buffer.from(bytes as string, "latin1"), "pickle", { ...rules, ...other });

describe("plain values", () => {
  // python -c 'import pickle; print(pickle.dumps({"a": (1, -2, 3.5, None, True), "b": [b"x", "é", 2**40, {4}]}, PROTOCOL).hex())'
  test.each([
    [
      2,
      "80027d7100285801000000617101284b014afeffffff47400c0000000000004e8874710258010000006271035d710428635f636f646563730a656e636f64650a7105580100000078710658060000006c6174696e3171078671085271095802000000c3a9710a8a06000000000001635f5f6275696c74696e5f5f0a7365740a710b5d710c4b046185710d52710e65752e",
    ],
    [
      4,
      "8004953d000000000000007d94288c016194284b014afeffffff47400c0000000000004e8874948c0162945d9428430178948c02c3a9948a060000000000018f94284b049065752e",
    ],
  ])("protocol %i", (protocol, hex) => {
    const bytes = Buffer.from(hex, "hex");
    // Protocol 2 has neither bytes nor sets of its own: it calls functions to make them, which are refused.
    if (protocol === 2) expect(() => read(bytes)).toThrow(/_codecs.encode: nothing of it was run/);
    else
      expect(read(bytes)).toEqual(
        new Map<string, unknown>([
          ["a", [1, -2, 3.5, null, true]],
          ["b", [new Uint8Array([120]), "é", 2 ** 40, new Set([4])]],
        ]),
      );
  });

  test("protocol 0, in words: a list within a dictionary, remembered and got again", () => {
    expect(read("(dp0\nVkey\np1\n(lp2\nI7\naL8L\naF0.5\nag2\nas.")).toEqual(
      (() => {
        const list: unknown[] = [7, 8, 0.5];
        list.push(list);
        return new Map([["key", list]]);
      })(),
    );
  });
});

describe("nothing is run", () => {
  const ran = join(folder, "ran");
  const shell = `touch ${ran}`;
  test.each([
    ["a global with REDUCE", `cos\nsystem\n(V${shell}\ntR.`],
    ["STACK_GLOBAL", `\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c${String.fromCharCode(shell.length)}${shell}\x85R.`],
    ["INST", `(V${shell}\nios\nsystem\n.`],
    ["OBJ", `(cos\nsystem\nV${shell}\no.`],
    ["NEWOBJ", `cos\nsystem\n(V${shell}\nt\x81.`],
    ["BUILD of a global", "cos\nsystem\n}b."],
    ["an extension code", "\x80\x02\x82\x01."],
    ["eval through builtins", "c__builtin__\neval\n(V1\ntR."],
    ["a name of Object.prototype", "cconstructor\nconstructor\n(tR."],
  ])("%s", (_, pickle) => {
    expect(() => read(pickle)).toThrow(UserError);
    expect(() => readFileSync(ran)).toThrow(/ENOENT/);
  });

  test("as inert parts where the caller asks for them: still nothing is run", () => {
    const made = read(`cos\nsystem\n(V${shell}\ntR.`, { inert: true });
    expect(made).toBeInstanceOf(PickleObject);
    expect(made).toMatchObject({ type: "os.system", args: [shell] });
    expect(() => readFileSync(ran)).toThrow(/ENOENT/);
  });
});

describe("nothing is taken on trust", () => {
  test.each([
    ["bytes of 2⁶⁰", "\x8e\0\0\0\0\0\0\0\x10."],
    ["a string of 4 GiB", "X\xff\xff\xff\xff."],
    ["a whole number of 4 GiB", "\x8b\xff\xff\xff\x7f."],
    ["a value that nothing put there", "h\x05."],
    ["an empty stack", "."],
    ["no mark", "t."],
    ["no end", "N"],
  ])("%s", (_, pickle) => expect(() => read(pickle)).toThrow(UserError));

  test("any bytes: refused or read, at once", () => {
    const opcodes = fc.constantFrom(...[..."(.012FIJKLMNQRTUVXabcd}eghjl]opqrst)u"].map((c) => c.charCodeAt(0)));
    const bytes = fc.uint8Array({ maxLength: 300 });
    const likely = fc.array(fc.oneof(opcodes, fc.integer({ min: 0, max: 255 })), { maxLength: 300 });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          likely.map((all) => Uint8Array.from(all)),
        ),
        fc.boolean(),
        (pickle, inert) => {
          try {
            readPickle(pickle, "pickle", { ...rules, inert });
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("files changed anywhere", () => {
  test.each([
    ["torch", "dictionary_learning/AutoEncoderTopK/ae.pt", openTorchState],
    ["stored npz", "gemma-scope/gemma-scope-2b-pt-res/layer_2/width_16k/average_l0_3/params.npz", openNpz],
    ["deflated npz", "gemma-scope/gemma-scope-2b-pt-att/layer_2/width_16k/average_l0_3/params.npz", openNpz],
  ])("%s: refused or read, nothing else", async (name, path, openFile) => {
    const whole = readFileSync(join(dictionaryFixtures, path));
    const file = join(folder, `${name}.bin`);
    const at = fc.integer({ min: 0, max: whole.length - 1 });
    const change = fc.record({ at, byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean(), second: at });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, byte, cut, second }) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        bytes[second] = 255 - byte;
        writeFileSync(file, cut ? bytes.subarray(0, at) : bytes);
        try {
          for (const view of (await openFile(file)).values()) {
            const values = view.shape.length > 0 ? await readView(view) : new Float32Array(0);
            expect(values.length).toBeLessThan(whole.length);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 400 },
    );
  });
});
