/** Ed25519 signatures (RFC 8032) over text, with keys in PEM: PKCS 8 private, SPKI public. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** Two PEM texts. */
export function newKeyPair(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** Null where the text is no Ed25519 key. */
export function readPrivateKey(pem: string): KeyObject | null {
  return ed25519(() => createPrivateKey(pem));
}

/** From PEM, or from the base64 of SPKI that a manifest holds; null where it is no Ed25519 key. */
export function readPublicKey(text: string): KeyObject | null {
  if (text.includes("-----BEGIN PUBLIC KEY-----")) return ed25519(() => createPublicKey(text));
  return ed25519(() => createPublicKey({ key: Buffer.from(text, "base64"), type: "spki", format: "der" }));
}

function ed25519(read: () => KeyObject): KeyObject | null {
  try {
    const key = read();
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    // Node throws on whatever is no key; which way it is none does not matter.
    return null;
  }
}

/** Base64 of SPKI. */
export function publicKeyOf(key: KeyObject): string {
  const half = key.type === "private" ? createPublicKey(key) : key;
  return half.export({ type: "spki", format: "der" }).toString("base64");
}

/** sha256 of the SPKI: what people compare over another channel. */
export function fingerprintOf(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(Buffer.from(publicKeyOf(publicKey), "base64"))
    .digest("hex");
}

/** Base64. */
export function signText(text: string, privateKey: KeyObject): string {
  return sign(null, Buffer.from(text), privateKey).toString("base64");
}

export function verifyText(text: string, signature: string, publicKey: KeyObject): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Several base64 texts decode to one signature; only the one that we write counts.
  return bytes.toString("base64") === signature && verify(null, Buffer.from(text), publicKey, bytes);
}
