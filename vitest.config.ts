import { defineConfig } from "vitest/config";

const patience = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["stack/**/*.test.ts", "scripts/**/*.test.ts"], ...patience } },
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
