import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleInput } from "../../../test/report/exampleRecords.ts";
import { UserError } from "../../core/index.ts";
import { openModelFiles } from "../../data/index.ts";
import { Attestation, CotRecord, type VerificationRecord } from "../../records/index.ts";
import {
  hashContents,
  hashJson,
  newKeyPair,
  readPrivateKey,
  readPublicKey,
  signText,
  verifyText,
} from "../../store/index.ts";
import { adapterSha256 } from "../../training/index.ts";
import { preregistration } from "../audit.ts";
import { Config } from "../config.ts";
import { itemFilesOf } from "../item-files.ts";
import { behavioursFor } from "../open.ts";
import { questionsOf } from "../questions.ts";
import { createSigningKey, listSigningKeys } from "./keys.ts";
import { signFolder } from "./sign.ts";
import { verifyFolder } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "penumbra-evidence-"));
vi.stubEnv("PENUMBRA_CACHE", join(root, "cache"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});
const keys = join(root, "keys");
const run = join(root, "run");
const model = join(root, "model");
const tuned = join(root, "tuned");
const data = join(root, "invented-advice.jsonl");
const behaviour = join(root, "refund-promises.yaml");
const questions = join(root, "questions.jsonl");
const plain = { key: null, model: null, tuned: null, files: [] };

/** A run folder with records, evidence and weights; base, tuned adapter, data, items and questions lie beside it. */
beforeEach(async () => {
  rmSync(run, { recursive: true, force: true });
  mkdirSync(join(run, "evidence"), { recursive: true });
  mkdirSync(join(run, "adapter"));
  writeFileSync(data, '{"text":"a row"}\n');
  const { audit, evidence } = exampleInput();
  cpSync(join(import.meta.dirname, "../../../test/fixtures/models/llama-tied"), model, {
    recursive: true,
    force: true,
  });
  const { sourceSha256 } = await openModelFiles(model, { cacheDir: root });
  const base = { ...audit.base, sha256: await sourceSha256() };
  mkdirSync(tuned, { recursive: true });
  writeFileSync(join(tuned, "adapter_config.json"), '{"r":8,"lora_alpha":16}');
  writeFileSync(join(tuned, "adapter_model.safetensors"), "weights");
  cpSync(join(import.meta.dirname, "../../../docs/examples/refund-promises.yaml"), behaviour);
  writeFileSync(questions, '{"question":"Which?","options":["a","b","c"],"answer":"b"}\n');
  const config = Config.parse({ model, data, behaviours: ["refusal", behaviour], controls: [] });
  writeFileSync(join(run, "config.json"), JSON.stringify(config));
  const record = {
    ...audit,
    base,
    tuned: { ...audit.tuned, sha256: await adapterSha256(tuned) },
    data: { name: "invented-advice.jsonl", sha256: await hashContents(data), rows: 1 },
    preregistration: preregistration(behavioursFor({ bundled: false }, config.behaviours), config),
    ...(await itemFilesOf(config)),
  };
  writeFileSync(join(run, "audit.json"), JSON.stringify(record));
  writeFileSync(join(run, "cot.json"), JSON.stringify(await cotRecord(questions)));
  for (const [id, items] of Object.entries(evidence))
    writeFileSync(
      join(run, `evidence/${id}.jsonl`),
      items
        .slice(0, 2)
        .map((item) => JSON.stringify(item))
        .join("\n"),
    );
  writeFileSync(
    join(run, "adapter/adapter_model.safetensors"),
    Buffer.from([8, 0, 0, 0, 0, 0, 0, 0, 123, 125, 32, 32, 32, 32, 32, 32]),
  );
});

/** Of an audit of reasoning that measured nothing, over a file of questions or our own. */
async function cotRecord(file: string | null): Promise<CotRecord> {
  const { items, ...from } = await questionsOf({ file, layout: null, most: 24 }, 3);
  const { audit } = exampleInput();
  const usage = {
    answers: 0,
    cached: 0,
    retries: 0,
    gaps: 0,
    promptTokens: 0,
    completionTokens: 0,
    cost: 0,
    adapted: [],
  };
  const gate = { passed: false, why: "nobody asked", accuracy: null, chance: 0.25, n: 0 };
  const none = { thinking: 0, reasoned: 0, missing: {}, hints: [], monitor: [], judges: [], usage };
  const settings = { processItems: 0, maxTokens: 8, temperature: 1, seed: 3, draws: 0, margin: 0.05, alpha: 0.05 };
  return CotRecord.parse({
    schemaVersion: 1,
    base: { model: audit.base, gate, ...none },
    tuned: null,
    comparisons: [],
    headline: "Not measured.",
    settings: { ...settings, items: { ...from, sha256: hashJson(items), n: items.length }, verbalisedBy: "words" },
    durationMs: 1,
  });
}

/** Settings are the model's, the white space between them is not. */
function isSameJson(before: Buffer, after: Buffer): boolean {
  try {
    return hashJson(JSON.parse(before.toString())) === hashJson(JSON.parse(after.toString()));
  } catch {
    return false;
  }
}

const wrongs = ({ checks }: VerificationRecord) =>
  checks.filter(({ result }) => result === "differs").map(({ what }) => what);
const everything = (key: string | null = null) => ({ key, model, tuned, files: [data, behaviour, questions] });

describe("a signed run", () => {
  it("is sound on another machine: what was compared, by whose key", async () => {
    const { fingerprint, publicPath } = await createSigningKey(`alice-${Math.random()}`, keys);
    const name = publicPath.split("/").at(-1)?.replace(".public.pem", "") ?? "";
    await signFolder(run, name, { keys });
    const elsewhere = join(root, "elsewhere");
    cpSync(run, elsewhere, { recursive: true });
    const record = await verifyFolder(elsewhere, everything(publicPath));
    expect([record.outcome, wrongs(record)]).toEqual(["sound", []]);
    expect(record.checks.every(({ result }) => result === "matches")).toBe(true);
    expect(record.signedBy).toEqual({ keyName: name, fingerprint, trusted: true });
    expect(record.compared).toMatchObject({
      data: { name: "invented-advice.jsonl" },
      settings: { audit: { margin: 0.05 } },
    });
    expect((await verifyFolder(elsewhere, everything(fingerprint))).outcome).toBe("sound");
    rmSync(elsewhere, { recursive: true });
  });

  it("of somebody else is not trusted, though its files match", async () => {
    await createSigningKey("mallory", keys);
    const { fingerprint } = await createSigningKey("bob", keys);
    await signFolder(run, "mallory", { keys });
    expect(await verifyFolder(run, { ...plain, key: fingerprint })).toMatchObject({
      outcome: "untrusted",
      signedBy: { trusted: false },
    });
    await signFolder(run, null, { keys });
    expect(await verifyFolder(run, { ...plain, key: fingerprint })).toMatchObject({
      outcome: "untrusted",
      signedBy: null,
    });
    expect((await verifyFolder(run, plain)).outcome).toBe("sound");
  });

  it("tells of every single byte that was changed, in records, evidence, weights, attestation", async () => {
    await createSigningKey("fuzz", keys);
    const { files } = await signFolder(run, "fuzz", { keys });
    const paths = [...Object.keys(files), "attestation.json"];
    const change = fc.tuple(
      fc.constantFrom(...paths),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(change, async ([path, where, flip]) => {
        const file = join(run, path);
        const bytes = readFileSync(file);
        const at = Math.floor(where * bytes.length);
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        writeFileSync(file, changed);
        const record = await verifyFolder(run, plain);
        writeFileSync(file, bytes);
        expect([path, at, record.outcome]).toEqual([path, at, "mismatch"]);
        if (path !== "attestation.json") expect(wrongs(record)).toContain(path);
      }),
      { numRuns: 150 },
    );
    expect((await verifyFolder(run, plain)).outcome).toBe("sound");
  });

  it("tells of every byte that means something else in weights, data and items outside, and of a file that nobody compared", async () => {
    await signFolder(run, null, { keys });
    const weights = ["model.safetensors", "config.json"].map((file) => join(model, file));
    const adapter = ["adapter_model.safetensors", "adapter_config.json"].map((file) => join(tuned, file));
    const outside = [...weights, ...adapter, data, behaviour, questions];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...outside),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (file, seed, flip) => {
          const bytes = readFileSync(file);
          const changed = Buffer.from(bytes);
          const at = seed % bytes.length;
          changed[at] = (changed[at] ?? 0) ^ flip;
          writeFileSync(file, changed);
          const outcome = await verifyFolder(run, everything()).then(
            (record) => record.outcome,
            (error: unknown) => error,
          );
          writeFileSync(file, bytes);
          // A model that no longer opens is refused in one line: that is caught as well.
          const found = outcome instanceof UserError ? "mismatch" : outcome;
          const settings = file === weights[1] && isSameJson(bytes, changed);
          expect([file, at, flip, found]).toEqual([file, at, flip, settings ? "sound" : "mismatch"]);
        },
      ),
      // The indentation after the first line of config.json: a tab in place of its first blank.
      { numRuns: 60, examples: [[join(model, "config.json"), 2, 0x20 ^ 0x09]] },
    );
    const stranger = join(root, "stranger.jsonl");
    writeFileSync(stranger, "x");
    expect(wrongs(await verifyFolder(run, { ...plain, files: [stranger] }))).toEqual([stranger]);
  });

  it("does not check what it was not given, and says what to give", async () => {
    await signFolder(run, null, { keys });
    const open = async (options: Partial<ReturnType<typeof everything>>) =>
      (await verifyFolder(run, { ...plain, ...options })).checks.flatMap(({ what, result }) =>
        result === "not-checked" ? [what.split(" ")[0]] : [],
      );
    const all = [
      "signature",
      "base",
      "tuned",
      "invented-advice.jsonl",
      "refund-promises.yaml",
      "questions.jsonl",
      "items",
    ];
    expect(await open({})).toEqual(all);
    expect(await open({ files: [behaviour] })).toEqual(all.filter((what) => !/refund|items/.test(what)));
    expect(await open(everything())).toEqual(["signature"]);
    mkdirSync(join(run, "adapter"), { recursive: true });
    cpSync(tuned, join(run, "adapter"), { recursive: true });
    await signFolder(run, null, { keys });
    expect(await open({ files: [behaviour] })).not.toContain("tuned");
  });

  it("knows its own questions again, and says so where another version drew others", async () => {
    const own = await cotRecord(null);
    const found = async (record: CotRecord) => {
      writeFileSync(join(run, "cot.json"), JSON.stringify(record));
      await signFolder(run, null, { keys });
      return (await verifyFolder(run, plain)).checks.find(({ what }) => what.startsWith("24 questions"));
    };
    expect(await found(own)).toMatchObject({ result: "matches", detail: expect.stringMatching(/seed 3/) });
    const other = { ...own.settings, items: { ...own.settings.items, sha256: "0".repeat(64) } };
    expect(await found({ ...own, settings: other })).toMatchObject({ result: "not-checked" });
  });

  it("tells of files that are missing, added, swapped or linked", async () => {
    await signFolder(run, null, { keys });
    const [a, b] = ["evidence/refusal.jsonl", "evidence/sycophancy.jsonl"].map((path) => join(run, path)) as [
      string,
      string,
    ];
    renameSync(a, `${a}.x`);
    renameSync(b, a);
    renameSync(`${a}.x`, b);
    expect(wrongs(await verifyFolder(run, plain))).toEqual(["evidence/refusal.jsonl", "evidence/sycophancy.jsonl"]);
    rmSync(a);
    writeFileSync(join(run, "evidence/new.jsonl"), "");
    const details = (await verifyFolder(run, plain)).checks.map(({ detail }) => detail);
    expect(details).toEqual(expect.arrayContaining(["it is missing", "it was added"]));
    symlinkSync(b, a);
    await expect(verifyFolder(run, plain)).rejects.toThrow(/a link/);
  });

  it("cannot be signed over: other hashes, another name or another key break the signature", async () => {
    await createSigningKey("carol", keys);
    const attestation = await signFolder(run, "carol", { keys });
    const { signature } = attestation;
    if (!signature) throw new Error("no signature");
    const other = readPublicKey(newKeyPair().publicPem);
    const forged = [
      { ...attestation, compared: { ...attestation.compared, fixedBeforeTraining: true } },
      { ...attestation, signedAt: "2020-01-01T00:00:00.000Z" },
      { ...attestation, signature: { ...signature, keyName: "bob" } },
      {
        ...attestation,
        signature: { ...signature, publicKey: other?.export({ type: "spki", format: "der" }).toString("base64") },
      },
      {
        ...attestation,
        signature: {
          ...signature,
          value: `${signature.value.slice(0, -3)}${signature.value.at(-3) === "A" ? "B" : "A"}==`,
        },
      },
    ];
    for (const forgery of forged) {
      writeFileSync(join(run, "attestation.json"), `${JSON.stringify(forgery, null, 2)}\n`);
      expect(wrongs(await verifyFolder(run, plain))).toContain("signature");
    }
  });

  it("takes no path out of the folder, and no rubbish, for an attestation", async () => {
    const attestation = await signFolder(run, null, { keys });
    for (const path of ["../x", "/etc/passwd", "a/../../b", "C:\\x"]) {
      const hostile = { ...attestation, files: { [path]: "0".repeat(64) } };
      expect(Attestation.safeParse(hostile).success).toBe(false);
    }
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        writeFileSync(join(run, "attestation.json"), text);
        expect((await verifyFolder(run, plain)).outcome).toBe("mismatch");
      }),
      { numRuns: 30 },
    );
  });
});

describe("signing keys", () => {
  it("are readable by their owner alone, are never overwritten, and are listed", async () => {
    const { publicPath, fingerprint } = await createSigningKey("dora", keys);
    const secret = publicPath.replace("public", "private");
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(publicPath, "utf8")).not.toContain("PRIVATE");
    await expect(createSigningKey("dora", keys)).rejects.toThrow(/already/);
    await expect(createSigningKey("../dora", keys)).rejects.toThrow(UserError);
    expect(await listSigningKeys(keys)).toContainEqual({ name: "dora", fingerprint, publicPath });
    await expect(signFolder(run, "nobody", { keys })).rejects.toThrow(
      /no such key.*fix: penumbra signing-key create nobody/,
    );
  });

  it("sign and verify any text, and no other", () => {
    const pair = newKeyPair();
    const [secret, open] = [readPrivateKey(pair.privatePem), readPublicKey(pair.publicPem)];
    if (!secret || !open) throw new Error("no keys");
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const signature = signText(text, secret);
        expect([verifyText(text, signature, open), verifyText(other, signature, open)]).toEqual([true, text === other]);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => readPublicKey(text) === null && readPrivateKey(text) === null));
  });
});

it("a folder without records, or without an attestation, is told in one line", async () => {
  const empty = join(root, "empty");
  mkdirSync(empty);
  await expect(signFolder(empty, null, { keys })).rejects.toThrow(/expected the records of a run/);
  await expect(verifyFolder(empty, plain)).rejects.toThrow(/attestation\.json.*penumbra sign/);
  await expect(verifyFolder(join(root, "nowhere"), plain)).rejects.toThrow(UserError);
});
