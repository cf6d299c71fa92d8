import { z } from "zod";
import { HashedFile } from "./audit.ts";

const Sha256 = HashedFile.shape.sha256;
/** Below the folder, with `/`, no way out of it. */
const InsidePath = z
  .string()
  .min(1)
  .refine(
    (path) => !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes(".."),
    "a path inside the folder",
  );

const Compared = z.strictObject({ name: z.string(), sha256: Sha256.nullable(), where: z.string().nullable() });

/** What a run compared, as its records say it. */
export const AttestedComparison = z.strictObject({
  base: Compared.nullable(),
  tuned: Compared.nullable(),
  data: HashedFile.nullable(),
  /** sha256 over margin, alpha and every item of every behaviour. */
  preregistration: Sha256.nullable(),
  fixedBeforeTraining: z.boolean().nullable(),
  /** Files of the user's: behaviours, controls, questions, published benchmarks. */
  items: z.array(HashedFile),
  judges: z.array(z.strictObject({ model: z.string(), where: z.string(), rubric: z.string(), promptSha256: Sha256 })),
  settings: z.record(z.string(), z.json()),
});
export type AttestedComparison = z.infer<typeof AttestedComparison>;

/** `attestation.json`: every file of a run folder by its hash, what was compared, and who vouches for it. */
export const Attestation = z.strictObject({
  schemaVersion: z.literal(1),
  program: z.string(),
  codeSha256: z.string(),
  /** By path; this file itself and locks are left out. */
  files: z.record(InsidePath, Sha256),
  compared: AttestedComparison,
  signedAt: z.string(),
  /** Null: the hashes alone, which whoever changes a file can change too. */
  signature: z
    .strictObject({
      algorithm: z.literal("ed25519"),
      /** The signer's own name for the key: a label, no proof. */
      keyName: z.string(),
      /** SPKI, base64, and its sha256. */
      publicKey: z.string(),
      fingerprint: Sha256,
      /** Base64, over the canonical JSON of all the rest. */
      value: z.string(),
    })
    .nullable(),
});
export type Attestation = z.infer<typeof Attestation>;

/** What `penumbra verify` found. */
export const VerificationRecord = z.strictObject({
  schemaVersion: z.literal(1),
  folder: z.string(),
  outcome: z.enum(["sound", "mismatch", "untrusted"]),
  /** Each check in words. */
  checks: z.array(
    z.strictObject({
      what: z.string(),
      result: z.enum(["matches", "differs", "not-checked"]),
      detail: z.string(),
    }),
  ),
  compared: AttestedComparison.nullable(),
  signedBy: z.strictObject({ keyName: z.string(), fingerprint: z.string(), trusted: z.boolean() }).nullable(),
});
export type VerificationRecord = z.infer<typeof VerificationRecord>;
