import { writeFileSync } from "node:fs";
import { relative, sep } from "node:path";

/**
 * Vitest reporter: writes what became of every test to the file `$PENUMBRA_TEST_SUMMARY` as
 * `[{ file, name, state: "passed" | "failed" | "skipped", note }]`. A file that cannot be loaded, a failing hook and
 * an error outside any test are failures of their own, since no test stands for them.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const results = [
      ...modules.flatMap(resultsOf),
      ...unhandledErrors.map((error) => ({ file: "", name: error.message, state: "failed", note: null })),
    ];
    writeFileSync(process.env.PENUMBRA_TEST_SUMMARY, JSON.stringify(results));
  }
}

function resultsOf(module) {
  const file = relative(process.cwd(), module.moduleId).split(sep).join("/");
  const groups = [module, ...module.children.allSuites()];
  const broken = groups.flatMap((group) =>
    group.errors().map((error) => ({ file, name: error.message, state: "failed", note: null })),
  );
  return [...broken, ...[...module.children.allTests()].map((test) => ({ file, ...resultOf(test) }))];
}

function resultOf(test) {
  const { state, note } = test.result();
  // A test that never ended (its worker died) has passed no more than one that was skipped without a word.
  return { name: test.fullName, state: state === "pending" ? "failed" : state, note: note ?? null };
}
