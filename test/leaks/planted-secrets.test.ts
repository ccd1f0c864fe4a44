import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../src/domain/report.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../src/domain/write/csv.ts';
import { smallRequest } from '../support/small-risk.ts';

/** Quantities that occur nowhere else, as people and programs may print them. */
const PLANTED = [73_519.846_27, -60_218.493_75, 91_847.361_58];
const SPELLINGS = PLANTED.flatMap((quantity) => {
  const text = String(Math.abs(quantity));
  const grouped = Math.abs(quantity).toLocaleString('en-US', { maximumFractionDigits: 5 });
  return [text, grouped, text.replace('.', ''), text.slice(0, 7)];
});

describe('planted secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-leaks-'));
  const path = (name: string) => join(folder, name);
  const cli = (...args: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)), ...args], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder },
    });
  const input = ['--positions', path('p.csv'), '--market', path('m.json'), '--scenarios', path('s.csv')];

  beforeAll(() => {
    const { book, market, scenarios } = smallRequest(30, 40);
    const positions = book.positions.map((p, i) =>
      i < 3 ? { ...p, quantity: PLANTED[i]!, multiplier: 1 } : p,
    );
    writeFileSync(path('p.csv'), positionsCsv({ positions }));
    writeFileSync(path('m.json'), marketJson(market));
    writeFileSync(path('s.csv'), scenariosCsv(scenarios));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const search = (where: string, text: string) => {
    for (const spelling of SPELLINGS) expect(text.includes(spelling), `${spelling} in ${where}`).toBe(false);
  };
  const searchFolder = (but: readonly string[]) => {
    for (const name of readdirSync(folder)) {
      if (!but.includes(name)) search(name, readFileSync(path(name), 'latin1'));
    }
  };

  it.each(ENGINE_NAMES)('are in no output of the %s engine', (engine) => {
    const out = [`--out`, path(`${engine}.json`), '--html', path(`${engine}.html`)];
    const run = cli('report', ...input, '--engine', engine, ...out);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain('VaR 99');
    search('stdout', run.stdout);
    search('stderr', run.stderr);
    searchFolder(['p.csv']);
  });

  it('are in no output of computing parties in processes of their own, and no key is', () => {
    const run = cli('report', ...input, '--engine', 'mpc', '--transport', 'tls', '--out', path('tls.json'));
    expect(run.status, run.stderr).toBe(0);
    search('stdout', run.stdout);
    search('stderr', run.stderr);
    searchFolder(['p.csv']);
    // Nothing but the result is left behind.
    expect(readdirSync(folder).filter((name) => name.startsWith('blindrisk-'))).toEqual([]);
    expect(`${run.stdout}${run.stderr}${readFileSync(path('tls.json'), 'utf8')}`).not.toContain(
      'PRIVATE KEY',
    );
  });

  it('are in no error message', () => {
    for (const args of [
      ['--engine', 'ckks', '--precision', '1e-17'],
      ['--engine', 'mpc', '--parties', '9'],
      ['--engine', 'mpc', '--threshold', '2'],
      ['--basis', 'chebyshev', '--precision', '1e-13'],
    ]) {
      const run = cli('report', ...input, ...args, '--out', path('never.json'));
      expect(run.status, args.join(' ')).toBe(2);
      expect(run.stderr).not.toBe('');
      search(args.join(' '), run.stdout + run.stderr);
    }
    expect(readdirSync(folder)).not.toContain('never.json');
  });
});
