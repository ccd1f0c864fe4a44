/**
 * Evaluates the same ciphertexts in Node and in other engines and compares every result byte for byte.
 *
 *   node test/browser/run.ts [chromium] [deno]
 *
 * Chromium runs headless on the built package (npm run build first), from loopback; Deno runs the sources.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { SealOracle } from '../support/seal-oracle.ts';
import { evaluateAll, type Fixture, packedPlan, STEPS } from './evaluate.ts';
import { serveBuild } from './serve.ts';

const PATIENCE_MS = 120_000;

async function makeFixture(): Promise<Fixture> {
  const [degree, scale] = [4096, 2 ** 30];
  const oracle = await SealOracle.open(degree, [36, 30, 40]);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const slots = Float64Array.from({ length: degree / 2 }, (_, i) => Math.cos(i));
  const plan = packedPlan();
  using holder = await CkksKeyHolder.create(plan.parameters);
  const x = Float64Array.from({ length: 300 }, (_, i) => Math.sin(i));
  return {
    degree,
    primes: oracle.primes,
    scale,
    relinearisation: base64(oracle.bytes(oracle.relinearisation)),
    galois: base64(oracle.bytes(oracle.rotationKeys(STEPS))),
    seeded: base64(oracle.encryptSeeded(slots, scale)),
    request: (await holder.encrypt(plan, { x })).map(base64),
  };
}

async function inChromium(fixture: string, folder: string): Promise<Readonly<Record<string, string>>> {
  if (!existsSync(fileURLToPath(new URL('../../dist/ckks/index.js', import.meta.url)))) {
    throw new Error('dist is not there: npm run build first');
  }
  const { url, result, server } = await serveBuild(fixture);
  const browser = spawn(
    process.env['CHROMIUM'] ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage'],
      ...[`--user-data-dir=${join(folder, 'profile')}`, url],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  browser.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = new Promise<never>((_, reject) => {
    browser.on('error', (cause) => reject(new Error('chromium did not start: install it', { cause })));
    browser.on('exit', (code) => reject(new Error(`chromium ended with ${code}: ${log}`)));
    setTimeout(
      () => reject(new Error(`chromium gave no result in ${PATIENCE_MS} ms: ${log}`)),
      PATIENCE_MS,
    ).unref();
  });
  try {
    const { results, isolated, error } = await Promise.race([result, ended]);
    if (results === undefined) throw new Error(`chromium: ${error}`);
    if (isolated !== true)
      throw new Error('chromium: the page is not isolated, so that no memory was shared');
    return results;
  } finally {
    ended.catch(() => {});
    browser.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  }
}

async function inDeno(fixture: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const path = join(folder, 'fixture.json');
  writeFileSync(path, fixture);
  const deno = process.env['DENO'] ?? 'deno';
  const script = fileURLToPath(new URL('./deno.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    deno,
    ['run', '--no-check', '--allow-read', '--allow-env', '--allow-sys', script, path],
    { env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }, timeout: PATIENCE_MS },
  );
  return JSON.parse(stdout) as Record<string, string>;
}

const ENGINES = { chromium: inChromium, deno: inDeno };
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(ENGINES);
const fixture = await makeFixture();
const expected = await evaluateAll(fixture);
const folder = mkdtempSync(join(tmpdir(), 'blindrisk-engines-'));
let [passed, failed] = [0, 0];
try {
  for (const name of wanted) {
    const run = ENGINES[name as keyof typeof ENGINES];
    if (run === undefined) throw new Error(`expected ${Object.keys(ENGINES).join(' or ')}, found ${name}`);
    const found = await run(JSON.stringify(fixture), folder);
    console.log(`${name}: ${found['engine']} kernels, ${Object.keys(found).length - 1} results`);
    for (const [what, digest] of Object.entries(expected)) {
      // An engine without fused products has no results of those kernels.
      if (what === 'engine' || (found['engine'] === 'unfused' && what.includes(', fused:'))) continue;
      if (found[what] === digest) passed++;
      else {
        failed++;
        console.error(`${name}: ${what} differs from Node's`);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
