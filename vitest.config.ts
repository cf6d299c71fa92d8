import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Tests that need real weights, a device or hours are `*.real.test.ts` and run by vitest.real.config.ts. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.real.test.ts"],
    globalSetup: ["scripts/built.mjs"],
    /** What runs leave behind for good belongs to their user. */
    env: { PENUMBRA_STATE: join(tmpdir(), "penumbra-tests-state") },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
