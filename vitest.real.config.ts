import { defineConfig } from "vitest/config";

/** What needs real weights, a device or hours. One worker: these tests measure. */
export default defineConfig({
  test: {
    include: ["src/**/*.real.test.ts", "test/**/*.real.test.ts"],
    globalSetup: ["scripts/built.mjs"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
