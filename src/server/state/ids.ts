import { randomBytes } from "node:crypto";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `length` letters that nobody can guess: 24 of them hold 142 bits. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    // Bytes beyond the last whole multiple of 62 would make some letters likelier.
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += LETTERS[byte % 62];
  }
  return text;
}

export const newId = (
  prefix: "proj-" | "key-" | "file-" | "ftjob-" | "ftevent-" | "ftckpt_" | "cp_" | "req_" | "chatcmpl-",
) => `${prefix}${randomText(24)}`;
