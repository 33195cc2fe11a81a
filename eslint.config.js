/**
 * Lint: typescript-eslint's strict type-checked rules, and the bans that keep `src` and `sim`
 * deterministic.
 *
 * The compiler refuses timers, `process` and `fetch` there already (no such types); what is left is
 * what every engine has but not every engine answers alike: clocks, randomness, locale, host order,
 * the transcendental functions of `Math` and the power operator (`src/base/math.ts` has them with
 * one set of bits).
 */
import tseslint from "typescript-eslint";

const PORTABLE_MATH = "use src/base/math.ts: its bits are the same in every engine";
const NO_CLOCK = "time comes in as the first argument of step()";
const NO_RANDOM = "draw from a SeededStream, keys from the CryptoProvider";
const NO_LOCALE = "locale differs from host to host";
const NO_ASYNC = "src and sim are synchronous: ask with a ticket, answer as an input";
const NO_HOST_ORDER = "a sort needs a total comparator";

const ENGINE_DEPENDENT_MATH = [
  "sin cos tan asin acos atan atan2 exp log log2 log10 pow cbrt hypot expm1 log1p sinh cosh tanh",
  "asinh acosh atanh",
]
  .join(" ")
  .split(" ");

const LOCALE_METHODS = [
  "localeCompare",
  "toLocaleString",
  "toLocaleDateString",
  "toLocaleTimeString",
  "toLocaleLowerCase",
  "toLocaleUpperCase",
];

/** @type {import("eslint").Linter.RulesRecord} */
const determinism = {
  "no-restricted-globals": [
    "error",
    { name: "Date", message: NO_CLOCK },
    { name: "performance", message: NO_CLOCK },
    { name: "Temporal", message: NO_CLOCK },
    { name: "Intl", message: NO_LOCALE },
    { name: "Promise", message: NO_ASYNC },
    { name: "WeakRef", message: "collection depends on the engine" },
    { name: "FinalizationRegistry", message: "collection depends on the engine" },
    { name: "eval", message: "code is not data" },
  ],
  "no-restricted-properties": [
    "error",
    { object: "Math", property: "random", message: NO_RANDOM },
    ...ENGINE_DEPENDENT_MATH.map((property) => ({
      object: "Math",
      property,
      message: PORTABLE_MATH,
    })),
  ],
  "no-restricted-syntax": [
    "error",
    { selector: "BinaryExpression[operator='**']", message: PORTABLE_MATH },
    { selector: "AssignmentExpression[operator='**=']", message: PORTABLE_MATH },
    { selector: "VariableDeclarator[init.name='Math']", message: PORTABLE_MATH },
    { selector: ":function[async=true]", message: NO_ASYNC },
    { selector: "AwaitExpression", message: NO_ASYNC },
    { selector: "ForOfStatement[await=true]", message: NO_ASYNC },
    { selector: "ImportExpression", message: NO_ASYNC },
    {
      selector:
        "CallExpression[arguments.length=0] > MemberExpression[property.name=/^(sort|toSorted)$/]",
      message: NO_HOST_ORDER,
    },
    {
      selector: `MemberExpression[property.name=/^(${LOCALE_METHODS.join("|")})$/]`,
      message: NO_LOCALE,
    },
  ],
};

/** @type {import("eslint").Linter.RulesRecord} */
const everywhere = {
  "@typescript-eslint/switch-exhaustiveness-check": [
    "error",
    { considerDefaultExhaustiveForUnions: true },
  ],
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/restrict-template-expressions": [
    "error",
    { allowNumber: true, allowBoolean: true },
  ],
  // An index into a slab whose bounds were asserted at the door is not undefined; a check per
  // access in the hottest loops would be a branch that no test can take.
  "@typescript-eslint/no-non-null-assertion": "off",
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  // Loops that end from inside are bounded by the invariant in them; flags set inside callbacks
  // look constant.
  "@typescript-eslint/no-unnecessary-condition": [
    "error",
    { allowConstantLoopConditions: "only-allowed-literals" },
  ],
  eqeqeq: "error",
};

/**
 * Tests describe; they build half values, and pass methods of doubles about.
 * @type {import("eslint").Linter.RulesRecord}
 */
const inTests = {
  "@typescript-eslint/unbound-method": "off",
  "@typescript-eslint/no-empty-function": "off",
  "@typescript-eslint/require-await": "off",
};

/** @type {import("eslint").Linter.Config[]} */
const config = [
  {
    ignores: [
      "**/node_modules/**",
      "**/dist/**",
      "coverage/**",
      ".cache/**",
      "**/*.mjs",
      "**/*.cjs",
      "**/*.js",
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((part) => ({
    ...part,
    files: ["**/*.ts", "**/*.tsx"],
  })),
  {
    files: ["**/*.ts", "**/*.tsx"],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.node.json", "./tsconfig.test.json", "./tsconfig.web.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: everywhere,
  },
  {
    files: ["src/**/*.ts", "sim/**/*.ts"],
    ignores: ["**/*.test.ts", "**/*.test-support.ts"],
    rules: determinism,
  },
  {
    files: ["**/*.test.ts", "**/*.test-support.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: inTests,
  },
];

export default config;
