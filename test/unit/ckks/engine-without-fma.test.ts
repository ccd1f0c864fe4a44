import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { CkksKeyHolder, ckksEvaluator } from '../../../src/ckks/index.ts';
import { packedExample } from '../../support/packed-example.ts';

const SCRIPT = fileURLToPath(new URL('../../support/evaluate-packed.ts', import.meta.url));

/*
 * `--no-enable-fma3` makes V8 round relaxed products first, as WebAssembly allows: a real engine without fused products. The build on a shared
 * memory must not be used there, since its sums would be wrong without a word.
 */
it('two workers of an engine without fused products give the same bytes', {
  timeout: 60_000,
}, async () => {
  const { plan, x } = packedExample();
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-engine-'));
  try {
    using holder = await CkksKeyHolder.create(plan.parameters);
    const request = await holder.encrypt(plan, { v: x });
    request.forEach((bytes, index) => {
      writeFileSync(join(folder, `request.${index}`), bytes);
    });
    using evaluator = await ckksEvaluator(plan, { workers: 2 });
    const { ciphertexts } = await evaluator.evaluate(request);
    const run = async (...flags: string[]) => {
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, SCRIPT, folder]);
      ciphertexts.forEach((bytes, index) => {
        const answer = new Uint8Array(readFileSync(join(folder, `answer.${index}`)));
        expect(answer).toEqual(bytes);
        rmSync(join(folder, `answer.${index}`));
      });
      return JSON.parse(stdout);
    };
    expect(await run()).toEqual({ variant: 'fused', shared: 'loads', runsOn: 'kernels, fused' });
    expect(await run('--no-enable-fma3')).toEqual({
      variant: 'unfused',
      shared: 'UnsupportedError',
      runsOn: 'kernels, unfused',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
