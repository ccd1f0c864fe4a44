import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/domain/report.ts';
import { marketJson, scenariosCsv } from '../../src/domain/write/csv.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { referenceMarket, withSurfaces } from '../support/otc-books.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'blindrisk-streaming-'));
const path = (name: string) => join(folder, name);
const MIB = 2 ** 20;

const reference = referenceMarket();
const market = withSurfaces(reference.market);

/** Options that no two share, on the surface, written as they are drawn. */
function writeBook(file: string, count: number): void {
  const random = new SeededRandom(5);
  const out = openSync(path(file), 'w');
  let text = 'id,underlying,kind,type,strike,t,vol,quantity,multiplier\n';
  for (let i = 0; i < count; i++) {
    const { name, spot, rate, dividendYield, referenceVol } =
      market.underlyings[i % market.underlyings.length]!;
    const t = (4 / 365) * (2.4 / (4 / 365)) ** random.uniform();
    const y = Math.max(-5.5, Math.min(5.5, random.normal()));
    const strike = spot * Math.exp((rate - dividendYield) * t + y * referenceVol * Math.sqrt(t));
    const type = random.uniform() < 0.5 ? 'call' : 'put';
    text += `o${i},${name},option,${type},${strike},${t},,${(1e4 / spot) * random.normal()},100\n`;
    if (text.length > MIB || i === count - 1) {
      writeSync(out, text);
      text = '';
    }
  }
  closeSync(out);
}

function report(file: string, ...more: string[]): Report {
  const args = ['--positions', file, '--market', 'm.json', '--scenarios', 's.csv', '--json', ...more];
  const run = spawnSync(process.execPath, ['--max-old-space-size=192', MAIN, 'report', ...args], {
    encoding: 'utf8',
    cwd: folder,
    maxBuffer: 64 * MIB,
  });
  expect(run.status, run.stderr).toBe(0);
  return JSON.parse(run.stdout) as Report;
}

describe('a book larger than memory', () => {
  beforeAll(() => {
    writeFileSync(path('m.json'), marketJson(market));
    writeFileSync(path('s.csv'), scenariosCsv(reference.scenarios));
    writeBook('small.csv', 200_000);
    writeBook('large.csv', 2_000_000);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['chebyshev', 'factors'])(
    'takes as much memory as one of a tenth, basis %s',
    (basis) => {
      const [small, large] = ['small.csv', 'large.csv'].map((file) => report(file, '--basis', basis));
      expect([small!.positions, large!.positions]).toEqual([200_000, 2_000_000]);
      const peaks = [small!, large!].map(({ cost }) => cost.peakMemoryBytes / MIB);
      console.log(`${basis}: ${peaks.map((peak) => `${peak.toFixed(0)} MiB`).join(' and ')}`);
      // A table of the ids: 16 bytes a row at most, twice while it grows. The book itself would take 500 MB.
      expect(peaks[1]! - peaks[0]!).toBeLessThan(100);
    },
    600_000,
  );

  it('is refused at the row that is wrong, at the end of the file', () => {
    writeBook('wrong.csv', 400_000);
    const out = openSync(path('wrong.csv'), 'a');
    writeSync(out, `last,${market.underlyings[0]!.name},option,call,100,1,,many,1\n`);
    closeSync(out);
    const args = ['--positions', 'wrong.csv', '--market', 'm.json', '--scenarios', 's.csv'];
    const run = spawnSync(process.execPath, [MAIN, 'report', ...args], { encoding: 'utf8', cwd: folder });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/wrong\.csv:400002:8 \(quantity\).*"many"/);
  }, 120_000);
});
