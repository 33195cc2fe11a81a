/**
 * The arrows of ARCHITECTURE.md as rules of dependency-cruiser. `scripts/arrows.ts` runs them and
 * `scripts/arrows.test.ts` plants one violation of each, because a cruise that understood nothing
 * also finds nothing wrong.
 */
import type { ICruiseOptions, IForbiddenRuleType } from "dependency-cruiser";

const LAYERS = [
  "base",
  "hal",
  "network",
  "security",
  "consensus",
  "learning",
  "swarm",
  "fault",
  "node",
];
const TESTS = "\\.test(-support)?\\.tsx?$";

/** A layer may import itself and the layers below it, nothing above. */
const upward: readonly IForbiddenRuleType[] = LAYERS.slice(0, -1).map((layer, index) => ({
  name: `layer-${layer}-upward`,
  severity: "error",
  comment: `${layer} knows nothing of the layers above it`,
  from: { path: `^src/${layer}/` },
  to: { path: `^src/(${LAYERS.slice(index + 1).join("|")})/` },
}));

export const arrowRules: readonly IForbiddenRuleType[] = [
  ...upward,
  {
    name: "no-cycle",
    severity: "error",
    comment: "no cycles, type-only ones included",
    from: {},
    to: { circular: true },
  },
  {
    name: "layer-door",
    severity: "error",
    comment: "a layer is reached only through its mod.ts",
    from: { path: "^src/([^/]+)/" },
    to: { path: "^src/[^/]+/", pathNot: ["^src/$1/", "^src/[^/]+/mod\\.ts$"] },
  },
  {
    name: "layer-door-outside",
    severity: "error",
    comment: "outside of src, too, a layer is reached only through its mod.ts",
    from: { path: "^(sim|adapters|apps|examples)/", pathNot: TESTS },
    to: { path: "^src/[^/]+/", pathNot: "^src/[^/]+/mod\\.ts$" },
  },
  {
    name: "core-stays-inside",
    severity: "error",
    comment: "src imports nothing of the folders around it",
    from: { path: "^src/", pathNot: TESTS },
    to: { path: "^(sim|adapters|apps|bench|scripts|test|examples|kernel)/" },
  },
  {
    name: "core-npm-allow-list",
    severity: "error",
    comment: "at run time src and sim import the noble family and nothing else",
    from: { path: "^(src|sim)/", pathNot: TESTS },
    to: {
      dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg"],
      pathNot: "node_modules/@noble/",
    },
  },
  {
    name: "core-no-node",
    severity: "error",
    comment: "src and sim run in engines that have no Node",
    from: { path: "^(src|sim)/", pathNot: TESTS },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "adapters-down",
    severity: "error",
    comment: "adapters know base and the port types of hal and security",
    from: { path: "^adapters/", pathNot: TESTS },
    to: { path: "^(apps|sim|src)/", pathNot: "^src/(base|hal|security)/" },
  },
  {
    name: "sim-down",
    severity: "error",
    comment: "the simulated world knows the node, base and hal; never adapters",
    from: { path: "^sim/", pathNot: TESTS },
    to: { path: "^(apps|adapters|src)/", pathNot: "^src/(base|hal|node)/" },
  },
  {
    name: "apps-not-imported",
    severity: "error",
    comment: "nothing below imports an application",
    from: { path: "^(src|sim|adapters)/", pathNot: TESTS },
    to: { path: "^apps/" },
  },
  {
    name: "agent-no-simulation",
    severity: "error",
    comment: "a vehicle's process reaches no simulated world and no seeded keys, by whatever way",
    from: { path: "^apps/(agent/|cli/commands/agent\\.ts$)", pathNot: TESTS },
    to: { path: "^(sim|apps/simulation)/", reachable: true },
  },
  {
    name: "web-report-types-only",
    severity: "error",
    comment: "the page imports types of the server, never its code",
    from: { path: "^apps/ground/web/", pathNot: TESTS },
    to: {
      path: "^(src|sim|adapters|apps)/",
      pathNot: "^apps/ground/web/",
      dependencyTypesNot: ["type-only"],
    },
  },
  {
    name: "no-test-import",
    severity: "error",
    comment: "a test is imported by nothing",
    from: {},
    to: { path: "\\.test\\.tsx?$" },
  },
  {
    name: "unresolved",
    severity: "error",
    comment: "an import that leads nowhere hides every rule about it",
    from: {},
    to: { couldNotResolve: true },
  },
];

export const cruiseOptions: ICruiseOptions = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: "node_modules" },
  exclude: { path: "^(coverage|dist|\\.cache)/" },
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["import", "node", "default", "types"],
    extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
  },
};
