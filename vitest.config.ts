import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/slow/**', 'node_modules/**'],
    testTimeout: 30_000,
    // SEAL's contexts and mathjs are made and loaded in hooks: seconds, and more on a busy machine.
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
export default config;
