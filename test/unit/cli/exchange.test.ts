import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../../src/domain/report.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';
import { smallRequest } from '../../support/small-risk.ts';

/** Many processes a test, each with its own start. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'blindrisk-exchange-'));
const path = (name: string) => join(folder, name);
/** A quantity that occurs nowhere else. */
const PLANTED = 73_519.846_27;

function cli(args: readonly string[], passphrase: string | undefined = 'correct horse battery') {
  const { BLINDRISK_PASSPHRASE: _, ...env } = process.env;
  if (passphrase !== undefined) env.BLINDRISK_PASSPHRASE = passphrase;
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder, env });
}
function done(...args: string[]) {
  const run = cli(args);
  expect(run.status, run.stderr).toBe(0);
  return run;
}
const PUBLIC = ['--market', 'm.json', '--scenarios', 's.csv'];
const ENCRYPT = ['encrypt', '--store', 'desk', '--positions', 'p.csv', ...PUBLIC];
const EVALUATE = ['evaluate', '--store', 'cloud', '--owner', 'desk/public.json', ...PUBLIC];
const REVEAL = ['reveal', '--store', 'desk', '--engine', 'cloud/public.json', ...PUBLIC];

beforeAll(() => {
  const { book, market, scenarios } = smallRequest(20, 30);
  const positions = book.positions.map((p, i) => (i === 0 ? { ...p, quantity: PLANTED, multiplier: 1 } : p));
  writeFileSync(path('p.csv'), positionsCsv({ positions }));
  writeFileSync(path('m.json'), marketJson(market));
  writeFileSync(path('s.csv'), scenariosCsv(scenarios));
  done('keys', 'create', '--store', 'desk', '--name', 'desk');
  done('keys', 'create', '--store', 'cloud', '--name', 'cloud');
  done(...ENCRYPT, '--out', 'request');
  done(...EVALUATE, '--request', 'request', '--out', 'answer.brisk');
  done(...REVEAL, '--request', 'request', '--answer', 'answer.brisk', '--out', 'r.json', '--html', 'r.html');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('encrypt, evaluate, reveal', () => {
  it('report what one process reports, to the promised error', () => {
    const report = JSON.parse(readFileSync(path('r.json'), 'utf8')) as Report;
    const plain = JSON.parse(done('report', '--positions', 'p.csv', ...PUBLIC, '--json').stdout) as Report;
    expect(report.engine).toBe('ckks');
    report.pnl!.forEach((value, s) => {
      expect(Math.abs(value - plain.pnl![s]!)).toBeLessThanOrEqual(report.figures.worst.error.absolute);
    });
    expect(readFileSync(path('r.html'), 'utf8')).toContain('<svg');
  });

  it('leave no quantity in any file but the positions, and no file that others can read in a vault', () => {
    const spellings = [String(PLANTED), '73519846', '73,519.84627', '73519.84'];
    const bits = Buffer.from(Float64Array.of(PLANTED).buffer).toString('latin1');
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name === 'p.csv') continue;
      const file = join(entry.parentPath, entry.name);
      const content = readFileSync(file, 'latin1');
      for (const spelling of [...spellings, bits]) expect(content.includes(spelling), file).toBe(false);
      if (/\/(desk|cloud)$/.test(entry.parentPath)) expect(statSync(file).mode & 0o077, file).toBe(0);
    }
  });

  it('agree beforehand: an offer of the engine, and a refusal where the files differ', () => {
    const offer = ['--offer', '--contracts', 'request/contracts.csv', '--out', 'offer.txt'];
    done('evaluate', '--store', 'cloud', ...PUBLIC, ...offer);
    const agreed = ['--offer', 'offer.txt', '--engine', 'cloud/public.json', '--out'];
    done(...ENCRYPT, ...agreed, 'request-2');
    writeFileSync(path('s2.csv'), readFileSync(path('s.csv'), 'utf8').replace(/0\.0/, '0.01'));
    const other = ENCRYPT.map((arg) => (arg === 's.csv' ? 's2.csv' : arg));
    const run = cli([...other, ...agreed, 'request-3']);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/not those of the engine.*nothing was protected/);
    expect(existsSync(path('request-3'))).toBe(false);
  });

  it('keep strikes too, in a basis that the owner proposes: only what lies outside is listed', () => {
    done(...ENCRYPT, '--basis', 'chebyshev', '--precision', '1e-4', '--out', 'private');
    const names = readdirSync(path('private')).sort();
    expect(names.filter((name) => name !== 'contracts.csv')).toEqual([
      'basis.json',
      'request.brisk',
      'run.json',
    ]);
    const listed = names.includes('contracts.csv')
      ? readFileSync(path('private/contracts.csv'), 'utf8').trim().split('\n').length - 1
      : 0;
    expect(listed).toBeLessThan(20);
    done(...EVALUATE, '--request', 'private', '--out', 'private.brisk');
    const opened = done(...REVEAL, '--request', 'private', '--answer', 'private.brisk', '--json');
    const report = JSON.parse(opened.stdout) as Report;
    const plain = JSON.parse(done('report', '--positions', 'p.csv', ...PUBLIC, '--json').stdout) as Report;
    expect(report.basis).toBe('chebyshev');
    report.pnl!.forEach((value, s) => {
      expect(Math.abs(value - plain.pnl![s]!)).toBeLessThanOrEqual(report.figures.worst.error.absolute);
    });
  });

  const wrong: readonly (readonly [
    what: string,
    args: () => readonly string[],
    status: number,
    says: RegExp,
  ])[] = [
    ['a request folder that is taken', () => [...ENCRYPT, '--out', 'request'], 2, /there already/],
    [
      'a proposed basis beside an agreed list',
      () => [...ENCRYPT, '--basis', 'chebyshev', '--contracts', 'p.csv', '--out', 'x'],
      2,
      /without --contracts/,
    ],
    ['no vault', () => [...ENCRYPT.with(2, 'nobody'), '--out', 'x'], 3, /no vault in nobody/],
    [
      'another owner than pinned',
      () => [...EVALUATE.with(4, 'cloud/public.json'), '--request', 'request', '--out', 'x'],
      3,
      /signature/,
    ],
    [
      'a damaged answer',
      () => {
        const bytes = readFileSync(path('answer.brisk'));
        bytes[1000]! ^= 1;
        writeFileSync(path('damaged.brisk'), bytes);
        return [...REVEAL, '--request', 'request', '--answer', 'damaged.brisk', '--out', 'x'];
      },
      3,
      /signature/,
    ],
    [
      'a description that is no JSON',
      () => {
        cpSync(path('request'), path('broken'), { recursive: true });
        writeFileSync(path('broken/run.json'), '{"format": "blindrisk-run", "version": 2}');
        return [...EVALUATE, '--request', 'broken', '--out', 'x'];
      },
      2,
      /run\.json:1:\d+ \(version\)/,
    ],
    ['an action that keys lacks', () => ['keys', 'polish', '--store', 'desk'], 2, /polish/],
    [
      'a key that is not there',
      () => ['keys', 'disable', '--store', 'desk', '--key', '0'.repeat(32)],
      3,
      /no key/,
    ],
  ];
  it.each(wrong)('refuse %s, and write nothing', (_, args, status, says) => {
    const run = cli(args());
    expect([run.status, run.stderr]).toEqual([status, expect.stringMatching(says)]);
    expect(run.stderr).not.toContain('internal error');
    expect(existsSync(path('x'))).toBe(false);
  });

  it('need the passphrase, from a file or the environment, and the right one', () => {
    const args = [...REVEAL, '--request', 'request', '--answer', 'answer.brisk', '--quiet'];
    expect(cli(args, '').stderr).toMatch(/passphrase is needed/);
    writeFileSync(path('pass.txt'), 'correct horse battery\n');
    expect(cli([...args, '--passphrase-file', 'pass.txt'], '').status).toBe(0);
  });
});

describe('keys', () => {
  it('are listed, backed up, disabled, destroyed and restored', () => {
    const list = () =>
      JSON.parse(done('keys', 'list', '--store', 'desk', '--json').stdout) as {
        id: string;
        status: string;
      }[];
    const [key] = list();
    const reveal = () => cli([...REVEAL, '--request', 'request', '--answer', 'answer.brisk', '--quiet']);
    done('keys', 'backup', '--store', 'desk', '--file', 'desk.backup');
    done('keys', 'disable', '--store', 'desk', '--key', key!.id);
    expect(reveal()).toMatchObject({ status: 3, stderr: expect.stringContaining('disabled') });
    done('keys', 'destroy', '--store', 'desk', '--key', key!.id);
    expect(list()[0]!.status).toBe('destroyed');
    done('keys', 'restore', '--store', 'desk-2', '--file', 'desk.backup');
    const restored = REVEAL.map((arg) => (arg === 'desk' ? 'desk-2' : arg));
    done(...restored, '--request', 'request', '--answer', 'answer.brisk', '--quiet');
  });
});

describe('audit', () => {
  it('verifies a log and a proof from it, and finds a changed one', () => {
    expect(done('audit', 'verify', 'cloud').stdout).toMatch(/entries, all of them those that cloud signed/);
    done('audit', 'prove', 'cloud', '--entry', '1', '--out', 'proof.json');
    const verify = ['audit', 'verify', '--proof', 'proof.json', '--signer'];
    expect(done(...verify, 'cloud/public.json').stdout).toMatch(/entry 1 \(evaluated/);
    expect(cli([...verify, 'desk/public.json']).status).toBe(3);
    const lines = readFileSync(path('cloud/audit.jsonl'), 'utf8');
    writeFileSync(path('cloud/audit.jsonl'), lines.replace('"evaluated"', '"received"'));
    // and nothing is added to a log that was changed
    const run = cli([...EVALUATE, '--request', 'request', '--out', 'x']);
    expect([run.status, run.stderr]).toEqual([3, expect.stringContaining('entries do not have the root')]);
    writeFileSync(path('cloud/audit.jsonl'), lines);
    expect(cli(['audit', 'prove', 'cloud', '--entry', '99']).status).toBe(2);
  });
});
