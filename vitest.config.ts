import { defineConfig } from 'vitest/config';

const tests = (...folders: string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Many tests wait for others; vitest itself would leave one processor idle.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'source', include: tests('unit', 'property', 'contract', 'fault', 'scenario') },
      },
      {
        extends: true,
        test: { name: 'built', include: tests('process'), globalSetup: './test/support/build.ts' },
      },
    ],
  },
});
