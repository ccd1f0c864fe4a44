import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUIDE = join(ROOT, 'docs/guide');

/** An example and, where it follows, what the guide says that it prints. */
const EXAMPLE = /```ts\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g;

/** Subpaths of the package, as files of the source: examples run without a build. */
function resolved(code: string): string {
  return code.replace(/from 'blindrisk(\/[a-z]+)?'/g, (_, path = '') => {
    return `from '${new URL(`../../src${path}/index.ts`, import.meta.url).href}'`;
  });
}

async function outputOf(code: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'));
  try {
    const file = join(folder, 'example.mts');
    writeFileSync(file, resolved(code));
    return (await promisify(execFile)(process.execPath, [file])).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(readdirSync(GUIDE).filter((name) => name.endsWith('.md')))('%s', (name) => {
  const text = readFileSync(join(GUIDE, name), 'utf8');
  const examples = [...text.matchAll(EXAMPLE)].map(([, code, output]) => [code!, output] as const);

  it('has examples that run, and print what it says', async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const [code, output] of examples) {
      const printed = await outputOf(code);
      if (output !== undefined) expect(printed, code).toBe(output);
    }
  }, 300_000);
});
