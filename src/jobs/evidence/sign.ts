import { createPublicKey, type KeyObject } from "node:crypto";
import { join } from "node:path";
import type { Attestation } from "../../records/index.ts";
import {
  atomicWriteFile,
  canonicalJson,
  codeVersion,
  fingerprintOf,
  publicKeyOf,
  signText,
} from "../../store/index.ts";
import { GENERATED_BY } from "../version.ts";
import { comparedIn } from "./compared.ts";
import { ATTESTATION, hashesOf } from "./folder.ts";
import { keysFolder, privateKeyOf } from "./keys.ts";

/** Hashes every file of a run folder and signs the list; `keyName` null: hashes alone. */
export async function signFolder(
  folder: string,
  keyName: string | null,
  { keys = keysFolder(), now = new Date() }: { readonly keys?: string; readonly now?: Date } = {},
): Promise<Attestation> {
  const key = keyName === null ? null : await privateKeyOf(keyName, keys);
  const unsigned: Omit<Attestation, "signature"> = {
    schemaVersion: 1,
    program: GENERATED_BY,
    codeSha256: codeVersion(),
    files: await hashesOf(folder),
    compared: await comparedIn(folder),
    signedAt: now.toISOString(),
  };
  const attestation = { ...unsigned, signature: key && keyName !== null ? signatureOf(unsigned, key, keyName) : null };
  await atomicWriteFile(join(folder, ATTESTATION), `${JSON.stringify(attestation, null, 2)}\n`);
  return attestation;
}

function signatureOf(
  unsigned: Omit<Attestation, "signature">,
  key: KeyObject,
  keyName: string,
): Attestation["signature"] {
  const fingerprint = fingerprintOf(createPublicKey(key));
  const about = { algorithm: "ed25519" as const, keyName, publicKey: publicKeyOf(key), fingerprint };
  return { ...about, value: signText(signedText(unsigned, about), key) };
}

/** What is signed: all but the signature itself, the key's name and the key included. */
export function signedText(
  { schemaVersion, program, codeSha256, files, compared, signedAt }: Omit<Attestation, "signature">,
  { algorithm, keyName, publicKey, fingerprint }: Omit<NonNullable<Attestation["signature"]>, "value">,
): string {
  const signer = { algorithm, keyName, publicKey, fingerprint };
  return canonicalJson({ schemaVersion, program, codeSha256, files, compared, signedAt, signer });
}
