import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/domain/report.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';
import { smallRequest } from '../../support/small-risk.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'blindrisk-cli-'));
const path = (name: string) => join(folder, name);
const cli = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });
const inputs = () => ['--positions', path('p.csv'), '--market', path('m.json'), '--scenarios', path('s.csv')];
const files = smallRequest(20, 30);

beforeAll(() => {
  writeFileSync(path('m.json'), marketJson(files.market));
  writeFileSync(path('s.csv'), scenariosCsv(files.scenarios));
});
beforeEach(() => writeFileSync(path('p.csv'), positionsCsv(files.book)));
afterAll(() => rmSync(folder, { recursive: true }));

describe('report', () => {
  it('writes report.json and a page, and prints a table', () => {
    const run = cli(
      'report',
      ...inputs(),
      '--engine',
      'ckks',
      '--out',
      path('r.json'),
      '--html',
      path('r.html'),
    );
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/ckks: 20 positions, 30 scenarios, listed basis/);
    const report = JSON.parse(readFileSync(path('r.json'), 'utf8')) as Report;
    expect(report.pnl).toHaveLength(30);
    const page = readFileSync(path('r.html'), 'utf8');
    expect(page).toContain('<svg');
    expect(page).toMatch(/VaR 99 %.*ES 97\.5 %/s);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    for (const name of ['r.json', 'r.html']) rmSync(path(name));
  });

  it('evaluates scenarios in blocks, and refuses blocks that are none', () => {
    const run = cli('report', ...inputs(), '--engine', 'ckks', '--scenario-block', '12', '--json');
    expect(run.status, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as Report;
    expect(report.scenarios).toBe(30);
    expect(JSON.stringify(report.privacy)).toContain('for each of 3 blocks of scenarios');
    const whole = JSON.parse(cli('report', ...inputs(), '--json').stdout) as Report;
    report.pnl!.forEach((value, s) => {
      expect(Math.abs(value - whole.pnl![s]!)).toBeLessThanOrEqual(report.figures.worst.error.absolute);
    });
    const wrong = cli('report', ...inputs(), '--scenario-block', '2.5');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('a whole number above 0')]);
  });

  it('prints JSON and nothing else with --json, and nothing on a pipe besides', () => {
    const run = cli('report', ...inputs(), '--engine', 'mpc', '--json', '--progress');
    expect(run.stderr).toBe('');
    expect((JSON.parse(run.stdout) as Report).engine).toBe('mpc');
  });
});

describe('price', () => {
  it('prices a file of the reference vectors', () => {
    const vectors = fileURLToPath(new URL('../../vectors/european_edge_cases.csv', import.meta.url));
    const run = cli('price', '--options', vectors, '--greeks', 'all');
    expect(run.status, run.stderr).toBe(0);
    const [header, ...rows] = run.stdout.trim().split('\n');
    expect(header).toBe('id,price,delta,gamma,vega,theta,rho,phi,vanna,volga,charm,speed,zomma,dual_delta');
    const expected = readFileSync(vectors, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(rows).toHaveLength(expected.length);
    rows.forEach((row, i) => {
      const [id, price, delta] = row.split(',');
      expect(id).toBe(expected[i]![0]);
      expect(Math.abs(Number(price) - Number(expected[i]![8]))).toBeLessThanOrEqual(
        1e-13 * Number(expected[i]![2]),
      );
      // blank at the kink, in both
      expect(delta === '').toBe(expected[i]![9] === '');
    });
  });

  it('refuses a model that is not there, by name', () => {
    writeFileSync(path('o.csv'), 'id,type,spot,strike,t,r,q,vol\n1,call,100,100,1,0,0,0.2\n');
    const run = cli('price', '--options', path('o.csv'), '--model', 'hopscotch');
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('hopscotch');
  });
});

/** Every bad input: exit status, what the message must name, and nothing left behind. */
describe('bad input', () => {
  const edit = (change: (text: string) => string, name = 'p.csv') => {
    const changed = change(readFileSync(path(name), 'utf8'));
    writeFileSync(path(`bad-${name}`), changed);
    return inputs().map((arg) => (arg === path(name) ? path(`bad-${name}`) : arg));
  };
  const replaceCell = (line: number, column: string, value: string) => (text: string) => {
    const lines = text.split('\n');
    const at = lines[0]!.split(',').indexOf(column);
    const cells = lines[line - 1]!.split(',');
    cells[at] = value;
    lines[line - 1] = cells.join(',');
    return lines.join('\n');
  };

  const cases: readonly (readonly [what: string, args: () => string[], status: number, names: RegExp])[] = [
    [
      'an unknown underlying',
      () => edit(replaceCell(3, 'underlying', 'NOWHERE')),
      2,
      /bad-p\.csv:3:2.*NOWHERE/,
    ],
    ['a NaN strike', () => edit(replaceCell(2, 'strike', 'NaN')), 2, /bad-p\.csv:2:5 \(strike\).*NaN/],
    [
      'an infinite quantity',
      () => edit(replaceCell(4, 'quantity', '1e999')),
      2,
      /bad-p\.csv:4:8 \(quantity\)/,
    ],
    ['a negative time', () => edit(replaceCell(2, 't', '-0.5')), 2, /bad-p\.csv:2:6 \(t\)/],
    [
      'a duplicate id',
      () => edit((text) => replaceCell(5, 'id', text.split('\n')[1]!.split(',')[0]!)(text)),
      2,
      /bad-p\.csv/,
    ],
    ['an empty file', () => edit(() => ''), 2, /bad-p\.csv:1:1/],
    ['a book without positions', () => edit((text) => text.split('\n')[0]!), 2, /bad-p\.csv/],
    [
      'a missing factor',
      () => edit((text) => text.replace(/,[A-Z_]+:vol_shift/, ',OTHER'), 's.csv'),
      2,
      /bad-s\.csv:1.*vol_shift/,
    ],
    ['a market that is not JSON', () => edit((text) => text.slice(0, 40), 'm.json'), 2, /bad-m\.json/],
    [
      'a file that is not there',
      () => [...inputs().slice(0, 5), path('nothing.csv')],
      2,
      /cannot read .*nothing\.csv: ENOENT/,
    ],
    ['a missing argument', () => inputs().slice(0, 4), 2, /--scenarios is needed/],
    ['an unknown option', () => [...inputs(), '--speed', 'fast'], 2, /--speed/],
    ['an unknown engine', () => [...inputs(), '--engine', 'magic'], 2, /plain, ckks, mpc/],
    ['too few parties', () => [...inputs(), '--engine', 'mpc', '--parties', '2'], 2, /3/],
    [
      'a precision out of reach',
      () => [...inputs(), '--engine', 'ckks', '--precision', '1e-17'],
      2,
      /attainable/,
    ],
  ];

  it.each(cases)('%s', (_, args, status, names) => {
    const given = args();
    const before = readdirSync(folder).sort();
    const run = cli('report', ...given, '--out', path('out.json'), '--html', path('out.html'));
    expect(run.stderr).toMatch(names);
    expect(run.status).toBe(status);
    expect(run.stdout).toBe('');
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('an unknown command', () => {
    const run = cli('divine');
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('unknown command divine');
  });

  it('an interrupted run leaves nothing behind', async () => {
    const before = readdirSync(folder).sort();
    const large = fileURLToPath(new URL('../../vectors/portfolio', import.meta.url));
    const args = ['positions.csv', 'market.json', 'scenarios.csv'].flatMap((name) => [
      `--${name.split('.')[0]}`,
      join(large, name),
    ]);
    // Interrupts itself right after it has read the positions: no machine is too slow or too fast for that.
    const interrupt = `import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const read = fs.readFileSync;
      fs.readFileSync = (path, ...rest) => {
        if (String(path).endsWith('positions.csv')) setImmediate(() => process.kill(process.pid, 'SIGINT'));
        return read(path, ...rest);
      };
      syncBuiltinESMExports();`;
    const preload = `data:text/javascript,${encodeURIComponent(interrupt)}`;
    const run = ['--import', preload, MAIN, 'report', ...args, '--engine', 'ckks', '--out', path('out.json')];
    const child = spawn(process.execPath, run, { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const status = await new Promise<number | null>((resolve) => child.on('exit', resolve));
    expect(stderr).toMatch(/aborted/);
    expect(status).toBe(4);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

describe('demo', () => {
  it('writes its sample, runs three engines and compares them', () => {
    const home = mkdtempSync(join(folder, 'demo-'));
    const run = spawnSync(process.execPath, [MAIN, 'demo'], { encoding: 'utf8', cwd: home });
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).toBe('');
    expect(readdirSync(join(home, 'blindrisk-demo')).sort()).toEqual([
      'README.txt',
      'market.json',
      'positions.csv',
      'report-ckks.json',
      'report-mpc.json',
      'report-plain.json',
      'report.html',
      'scenarios.csv',
    ]);
    const read = (engine: string) =>
      JSON.parse(readFileSync(join(home, 'blindrisk-demo', `report-${engine}.json`), 'utf8')) as Report;
    const plain = read('plain');
    for (const engine of ['ckks', 'mpc']) {
      const report = read(engine);
      const bound = report.figures.worst.error.absolute + plain.figures.worst.error.absolute;
      report.pnl!.forEach((value, s) => {
        expect(Math.abs(value - plain.pnl![s]!)).toBeLessThanOrEqual(bound);
      });
    }
    expect(run.stdout).toMatch(/plain +ckks +off by +bound +mpc +off by +bound/);
    rmSync(home, { recursive: true });
  });
});
