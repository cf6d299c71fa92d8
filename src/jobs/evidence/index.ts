export { createSigningKey, keysFolder, listSigningKeys, type SigningKey } from "./keys.ts";
export { signFolder } from "./sign.ts";
export { type VerifyOptions, verifyFolder } from "./verify.ts";
