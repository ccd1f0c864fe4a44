import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: { include: ['test/slow/**/*.test.ts'], testTimeout: 600_000, maxWorkers: 2 },
});
export default config;
