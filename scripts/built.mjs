import { resolve } from "node:path";
import { ensure } from "./ensure.mjs";

/** Vitest's global set-up: tests that start child processes run them from `dist`. */
export function setup() {
  try {
    ensure(resolve(import.meta.dirname, ".."));
  } catch (error) {
    // `npm test` stops here before vitest starts. A single test of one floor may run while another floor is half-written.
    console.warn(`dist is not of these sources: ${error.message}`);
  }
}
