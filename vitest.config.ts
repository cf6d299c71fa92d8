import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The project of the tests of the whole program. */
const PROGRAM = "program";

/**
 * Tests of the whole program take longest and their files are the shortest; by size, which is all that a fresh clone knows,
 * the longest of them would run last and alone.
 */
class WholeProgramFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const program = sorted.filter(({ project }) => project.name === PROGRAM);
    return [...program, ...sorted.filter((file) => !program.includes(file))];
  }
}

/**
 * Tests that need real weights, a device or hours are `*.real.test.ts` and run by vitest.real.config.ts. A worker loads the
 * sources once for all files of the floors, not once a file: such a file leaves nothing of its own behind
 * (no stubbed variable, no spy, no engine). Files of the whole program keep a process each.
 */
export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "floors", include: ["src/**/*.test.ts"], isolate: false } },
      { extends: true, test: { name: PROGRAM, include: ["test/**/*.test.ts"] } },
    ],
    exclude: ["**/*.real.test.ts"],
    globalSetup: ["scripts/built.mjs", "scripts/own-places.mjs"],
    /** Two workers with an engine each share two cores. */
    env: { PENUMBRA_THREADS: "1" },
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: WholeProgramFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
