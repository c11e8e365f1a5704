export default {
  testEnvironment: "node",
  // Jest's own choice leaves one of two cores idle.
  maxWorkers: "100%",
  // For what hangs. How long something takes decides nothing, and five seconds are little on a busy machine.
  testTimeout: 60_000,
  // What build.mjs puts in its place.
  globals: { __VERSION__: "0.0.0" },
  setupFilesAfterEnv: ["<rootDir>/test/helpers/loaded.ts"],
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  moduleNameMapper: { "^fast-check$": "<rootDir>/test/helpers/seeded-fast-check.cjs" },
  transform: {
    "\\.[jt]s$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  coverageProvider: "babel",
  collectCoverageFrom: ["src/**/*.ts"],
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/.serverless"],
};
