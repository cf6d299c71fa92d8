import { floors } from "./floors.mjs";

/** The linter's rules, made from the list of floors: see docs/ARCHITECTURE.md. */

const test = "\\.test\\.ts$";
const workshop = "^(test|bench|studies|scripts)/";

/** A floor may not import from the floors above it, nor from its siblings; its tests neither. */
function belowOnly(group, i) {
  const above = floors.slice(i + 1).flat();
  return group.map(([floor]) => {
    const closed = [...group.filter(([sibling]) => sibling !== floor), ...above].map(([name]) => name);
    return {
      name: `${floor}-imports-only-from-below`,
      severity: "error",
      from: { path: `^src/${floor}/` },
      to: { path: closed.length > 0 ? `^src/(${closed.join("|")})/` : "^$" },
    };
  });
}

const rules = [
  ...floors.flatMap(belowOnly),
  {
    name: "other-floors-through-their-index",
    severity: "error",
    from: { path: "^src/([^/]+)/", pathNot: test },
    to: { path: "^src/[^/]+/.+", pathNot: ["^src/$1/", "^src/[^/]+/index\\.ts$"] },
  },
  { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  {
    name: "no-orphans",
    comment: "a file that imports nothing and that nothing imports",
    severity: "error",
    from: { orphan: true, path: "^src/", pathNot: test },
    to: {},
  },
  { name: "no-imports-of-tests", severity: "error", from: {}, to: { path: `^src/.*${test}` } },
  { name: "src-stands-alone", severity: "error", from: { path: "^src/", pathNot: test }, to: { path: workshop } },
  { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  {
    name: "users-get-what-src-imports",
    comment: "development packages are not installed with the package",
    severity: "error",
    from: { path: "^src/", pathNot: test },
    to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
  },
  {
    name: "native-memory-lives-in-engine",
    severity: "error",
    from: { path: "^src/", pathNot: ["^src/engine/", test] },
    to: { path: "onnxruntime" },
  },
];

export default {
  forbidden: rules,
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    // Packages say in `exports` what may be imported of them.
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
