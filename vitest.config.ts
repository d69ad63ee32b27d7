import { defineConfig } from "vitest/config";

const patience = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      // They mostly wait for a Postgres, a socket or a timer of their own.
      {
        test: {
          name: "unit",
          include: ["stack/**/*.test.ts", "scripts/**/*.test.ts"],
          maxWorkers: 4,
          ...patience,
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/docs/**", "tests/faults/**"],
          ...patience,
        },
      },
      { test: { name: "faults", include: ["tests/faults/**/*.test.ts"], ...patience } },
      // Last, because it reads which tests the other suites ran.
      { test: { name: "docs", include: ["tests/docs/**/*.test.ts"], ...patience } },
    ],
  },
});
