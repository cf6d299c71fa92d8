/**
 * Checks a run folder against its attestation, on any machine.
 *
 * 1. The attestation itself: its form, and its signature over all that it says.
 * 2. Every file of the folder: the same bytes, none missing, none added.
 * 3. What the records compare is what the attestation says they compare.
 * 4. What lies outside the folder, where it is at hand: the base's weights, the data, the files of items.
 * 5. Whether the signer is the one that the reader trusts: only a key that came over another channel can say that.
 */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../../core/index.ts";
import { openModelFiles } from "../../data/index.ts";
import { Attestation, type AttestedComparison, type VerificationRecord } from "../../records/index.ts";
import {
  cacheSubfolder,
  canonicalJson,
  fingerprintOf,
  hashContents,
  readPublicKey,
  verifyText,
} from "../../store/index.ts";
import { assetFolder, bundledModels } from "../open.ts";
import { comparedIn } from "./compared.ts";
import { ATTESTATION, hashesOf } from "./folder.ts";
import { signedText } from "./sign.ts";

export interface VerifyOptions {
  /** A public key in PEM, or its fingerprint; null: the signer is not checked. */
  readonly key: string | null;
  /** The base's weights, by the name that users give models; null: not checked. */
  readonly model: string | null;
  /** Files outside the folder: the data, questions, published benchmarks. */
  readonly files: readonly string[];
}

type Check = VerificationRecord["checks"][number];
const check = (what: string, matches: boolean, detail: string): Check => ({
  what,
  result: matches ? "matches" : "differs",
  detail,
});

export async function verifyFolder(folder: string, options: VerifyOptions): Promise<VerificationRecord> {
  const attestation = await readAttestation(folder);
  if (attestation === null) {
    const checks = [check(ATTESTATION, false, "it is damaged: no JSON of its schema")];
    return { schemaVersion: 1, folder, outcome: "mismatch", checks, compared: null, signedBy: null };
  }
  const checks = [
    signatureCheck(attestation),
    ...(await fileChecks(folder, attestation)),
    await recordsCheck(folder, attestation.compared),
    ...(await outsideChecks(attestation.compared, options)),
  ];
  const signedBy = await signerOf(attestation, options.key);
  const differs = checks.some(({ result }) => result === "differs");
  const outcome = differs ? "mismatch" : options.key !== null && !signedBy?.trusted ? "untrusted" : "sound";
  return { schemaVersion: 1, folder, outcome, checks, compared: attestation.compared, signedBy };
}

/** Null where it is damaged; a folder without one is the user's mistake. */
async function readAttestation(folder: string): Promise<Attestation | null> {
  const text = await readFile(join(folder, ATTESTATION), "utf8").catch(() => {
    throw new UserError(folder, {
      expected: `a folder with ${ATTESTATION}`,
      got: "none",
      fix: "`penumbra sign` makes one",
    });
  });
  try {
    const value: unknown = JSON.parse(text);
    // Written in one way only, so that not even its white space changes unseen.
    return text === `${JSON.stringify(value, null, 2)}\n` ? Attestation.parse(value) : null;
  } catch {
    // Whatever is wrong with it, it attests nothing; the caller tells.
    return null;
  }
}

function signatureCheck(attestation: Attestation): Check {
  const { signature } = attestation;
  if (signature === null)
    return {
      what: "signature",
      result: "not-checked",
      detail: "there is none: whoever changed a file could have changed its hash",
    };
  const key = readPublicKey(signature.publicKey);
  const own = key !== null && fingerprintOf(key) === signature.fingerprint;
  const holds = own && verifyText(signedText(attestation, signature), signature.value, key);
  return check(
    "signature",
    holds,
    holds ? `by the key ${signature.fingerprint}` : "it does not fit what the attestation says",
  );
}

async function fileChecks(folder: string, { files }: Attestation): Promise<Check[]> {
  const now = await hashesOf(folder);
  const paths = [...new Set([...Object.keys(files), ...Object.keys(now)])].sort();
  const wrong = paths.flatMap((path): Check[] => {
    const [before, after] = [files[path], now[path]];
    if (before === after) return [];
    const detail = before === undefined ? "it was added" : after === undefined ? "it is missing" : "other bytes";
    return [check(path, false, detail)];
  });
  const count = Object.keys(files).length;
  return wrong.length > 0 ? wrong : [check("files", true, `all ${count} files of the folder`)];
}

/** The statements of the attestation are those of the records beside it. */
async function recordsCheck(folder: string, compared: AttestedComparison): Promise<Check> {
  const what = "what was compared";
  try {
    const same = canonicalJson(await comparedIn(folder)) === canonicalJson(compared);
    return check(what, same, same ? "as the records say" : "the records say something else");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return check(what, false, error.message);
  }
}

async function outsideChecks({ base, data, items }: AttestedComparison, options: VerifyOptions): Promise<Check[]> {
  const given = await Promise.all(options.files.map(async (path) => ({ path, sha256: await hashOf(path) })));
  const expected = [...(data ? [data] : []), ...items];
  const of = ({ name, sha256 }: { readonly name: string; readonly sha256: string }): Check => {
    const match = given.find((file) => file.sha256 === sha256);
    if (match) return check(name, true, `${match.path} is the very file`);
    const namesake = given.find(({ path }) => basename(path) === basename(name));
    if (namesake) return check(name, false, `${namesake.path} holds other bytes`);
    return { what: name, result: "not-checked", detail: `give the file itself to check it (sha256 ${sha256})` };
  };
  const known = new Set(expected.map(({ sha256 }) => sha256));
  const names = new Set(expected.map(({ name }) => basename(name)));
  const strangers = given
    .filter(({ path, sha256 }) => !known.has(sha256) && !names.has(basename(path)))
    .map(({ path }) => check(path, false, "no file that was compared"));
  return [...(base ? [await baseCheck(base, options.model)] : []), ...expected.map(of), ...strangers];
}

async function baseCheck(base: NonNullable<AttestedComparison["base"]>, model: string | null): Promise<Check> {
  const what = `base ${base.name}`;
  if (base.sha256 === null)
    return { what, result: "not-checked", detail: `asked at ${base.where}; nobody saw its weights` };
  if (model === null)
    return { what, result: "not-checked", detail: `name it with --model to check it (sha256 ${base.sha256})` };
  const shipped = Object.hasOwn(bundledModels, model) ? bundledModels[model] : undefined;
  const files = await openModelFiles(shipped ? assetFolder(shipped) : model, {
    cacheDir: await cacheSubfolder("models"),
  });
  const matches = (await files.sourceSha256()) === base.sha256;
  return check(
    what,
    matches,
    matches ? "the very weights, tokenizer and configuration" : `${model} is another model, or has changed`,
  );
}

function hashOf(path: string): Promise<string> {
  return hashContents(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "EISDIR") throw error;
    throw new UserError(path, {
      expected: "a file",
      got: error.code === "ENOENT" ? "no such file" : "a folder",
      fix: "give its path",
    });
  });
}

async function signerOf({ signature }: Attestation, trusted: string | null): Promise<VerificationRecord["signedBy"]> {
  if (trusted === null)
    return signature && { keyName: signature.keyName, fingerprint: signature.fingerprint, trusted: false };
  const fingerprint = await trustedFingerprint(trusted);
  return (
    signature && {
      keyName: signature.keyName,
      fingerprint: signature.fingerprint,
      trusted: signature.fingerprint === fingerprint,
    }
  );
}

/** `--key` takes 64 hex digits or the path of a public key. */
async function trustedFingerprint(given: string): Promise<string> {
  if (/^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  const text = await readFile(given, "utf8").catch(() => "");
  const key = readPublicKey(text);
  if (key) return fingerprintOf(key);
  throw new UserError(`--key ${given}`, {
    expected: "a public key in PEM, or its fingerprint of 64 digits",
    got: text === "" ? "no such file" : "something else",
    fix: "ask the signer for the .public.pem file",
  });
}
