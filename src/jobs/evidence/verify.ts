/**
 * Checks a run folder against its attestation, on any machine.
 *
 * 1. The attestation itself: its form, and its signature over all that it says.
 * 2. Every file of the folder: the same bytes, none missing, none added.
 * 3. What the records compare is what the attestation says they compare.
 * 4. What lies outside the folder, where it is at hand: weights, data, files of items; and this program's own items.
 * 5. Whether the signer is the one that the reader trusts: only a key that came over another channel can say that.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import { Attestation, type AttestedComparison, type VerificationRecord } from "../../records/index.ts";
import { canonicalJson, fingerprintOf, readPublicKey, verifyText } from "../../store/index.ts";
import { comparedIn } from "./compared.ts";
import { ATTESTATION, hashesOf } from "./folder.ts";
import { type Check, check, type Outside, outsideChecks } from "./outside.ts";
import { signedText } from "./sign.ts";

export interface VerifyOptions extends Outside {
  /** A public key in PEM, or its fingerprint; null: the signer is not checked. */
  readonly key: string | null;
}

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
    ...(await outsideChecks(folder, attestation.compared, options)),
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
