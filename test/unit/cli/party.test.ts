import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PrivacyLedger } from '../../../src/domain/privacy.ts';
import type { Figure, FigureName } from '../../../src/domain/report.ts';
import { FIGURE_NAMES } from '../../../src/domain/report.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';
import { rehearse } from '../../../src/engine/rehearse.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { historicalContributions } from '../../../src/pricing/portfolio/historical-contributions.ts';
import { createTlsIdentity } from '../../../src/trust/certificate.ts';
import { revalued } from '../../support/otc-books.ts';
import { freePorts, MAIN, startParty } from '../../support/party-processes.ts';
import { smallRequest } from '../../support/small-risk.ts';

const LIMIT = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'blindrisk-party-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });

describe('party', () => {
  it('makes keys, which only their owner can read', () => {
    const run = cli('party', 'keys', '--name', 'party 1', '--out', path('keys'), '--json');
    expect(run.status, run.stderr).toBe(0);
    const { certificate, key, pin } = JSON.parse(run.stdout) as Record<string, string>;
    expect(new X509Certificate(readFileSync(certificate!)).subject).toBe('CN=party 1');
    expect(statSync(key!).mode & 0o077).toBe(0);
    expect(pin).toMatch(/^[0-9a-f]{64}$/);
    expect(run.stdout).not.toContain('PRIVATE KEY');
  });

  it(
    'runs a session of two banks and a regulator, each in its process, who alone learns the figures of the sum',
    async () => {
      const request = smallRequest(10, 20);
      const { positions } = request.book;
      writeFileSync(
        path('contracts.csv'),
        positionsCsv({ positions: positions.map((p) => ({ ...p, quantity: 0 })) }),
      );
      writeFileSync(path('market.json'), marketJson(request.market));
      writeFileSync(path('scenarios.csv'), scenariosCsv(request.scenarios));
      writeFileSync(path('a.csv'), positionsCsv({ positions: positions.slice(0, 6) }));
      writeFileSync(path('b.csv'), positionsCsv({ positions: positions.slice(6) }));
      const names = ['party 1', 'party 2', 'party 3', 'bank a', 'bank b', 'regulator'];
      const ids = Object.fromEntries(names.map((name) => [name, createTlsIdentity(name)]));
      const ports = await freePorts(3);
      const common = {
        session: '2026-11-25',
        parties: ports.map((port, i) => ({ address: `127.0.0.1:${port}`, pin: ids[`party ${i + 1}`]!.pin })),
        clients: names.slice(3).map((name) => ({ name, pin: ids[name]!.pin })),
        threshold: 1,
        program: {
          kind: 'risk',
          contracts: 'contracts.csv',
          market: 'market.json',
          scenarios: 'scenarios.csv',
          open: 'figures',
          owners: ['bank a', 'bank b'],
          recipient: 'regulator',
          exposureLimit: 1e8,
        },
      };
      const own: Record<string, object> = {
        'bank a': { inputs: { book: 'a.csv' } },
        'bank b': { inputs: { book: 'b.csv' } },
        regulator: { out: 'figures.json' },
      };
      const processes = names.map((self) => {
        const { certificate, privateKey } = ids[self]!;
        writeFileSync(
          path(`${self}.json`),
          JSON.stringify({ ...common, self, certificate, key: privateKey, ...own[self] }),
        );
        return startParty(path(`${self}.json`));
      });
      for (const { ended } of processes) {
        const { status, stdout, stderr } = await ended;
        expect(status, stderr).toBe(0);
        expect(stdout).toBe('');
      }
      const { figures, privacy } = JSON.parse(readFileSync(path('figures.json'), 'utf8')) as {
        figures: Record<FigureName, Figure>;
        privacy: PrivacyLedger;
      };
      const role = (name: string) => privacy.entries.find((entry) => entry.role === name)!;
      expect(privacy.entries.map((entry) => entry.role)).toEqual([
        'bank a',
        'bank b',
        'regulator',
        'computing parties 1 to 3',
        'network',
      ]);
      expect(role('bank a').notLearned.join()).toMatch(/^book of bank b,.*var_99/);
      expect(role('regulator').learned[0]).toContain('var_99');
      expect(role('regulator').notLearned[0]).toContain('book of bank a, book of bank b');
      expect(role('computing parties 1 to 3').adversary).toContain('however they deviate');
      const plain = await rehearse('plain', request);
      for (const name of FIGURE_NAMES) {
        const { value, error } = figures[name];
        const bound = error.absolute + plain.figures[name].error.absolute;
        expect(Math.abs(value - plain.figures[name].value), name).toBeLessThanOrEqual(bound);
      }
    },
    LIMIT,
  );

  it(
    'runs a consortium: each firm submits its book and learns the joint risk and its own part, and no other',
    async () => {
      const { book, market, scenarios } = smallRequest(6, 20);
      const firms = ['Ada', 'Bohr', 'Curie'];
      const names = ['party 1', 'party 2', 'party 3', ...firms, 'regulator'];
      writeFileSync(
        path('list.csv'),
        positionsCsv({ positions: book.positions.map((p) => ({ ...p, quantity: 0 })) }),
      );
      writeFileSync(path('market.json'), marketJson(market));
      writeFileSync(path('scenarios.csv'), scenariosCsv(scenarios));
      const quantity = (f: number, i: number): number => (i % 3 === f ? 1 : -0.25) * (2 + i + f);
      const books = firms.map((_, f) => ({
        positions: book.positions.map((p, i) => ({ ...p, quantity: quantity(f, i) })),
      }));
      const level = 0.85;
      const each = books.map((own) => revalued(own, market, scenarios));
      const limit = 1e7;
      const ids = Object.fromEntries(names.map((name) => [name, createTlsIdentity(name)]));
      const ports = await freePorts(3);
      const common = {
        session: 'quarter',
        parties: ports.map((port, i) => ({ address: `127.0.0.1:${port}`, pin: ids[`party ${i + 1}`]!.pin })),
        clients: names.slice(3).map((name) => ({ name, pin: ids[name]!.pin })),
        threshold: 1,
        program: {
          kind: 'consortium',
          subject: 'jointRisk',
          firms,
          observers: ['regulator'],
          minimumContributors: 3,
          terms: { contracts: 'list.csv', market: 'market.json', scenarios: 'scenarios.csv', limit, level },
        },
      };
      const processes = names.map((self) => {
        const f = firms.indexOf(self);
        if (f >= 0) writeFileSync(path(`${self}.csv`), positionsCsv(books[f]!));
        const { certificate, privateKey } = ids[self]!;
        const own = {
          ...(f >= 0 ? { inputs: { book: `${self}.csv` } } : {}),
          ...(self.startsWith('party') ? {} : { out: `${self}.out.json` }),
        };
        writeFileSync(
          path(`${self}.json`),
          JSON.stringify({ ...common, self, certificate, key: privateKey, ...own }),
        );
        return startParty(path(`${self}.json`));
      });
      for (const { ended } of processes) {
        const { status, stdout, stderr } = await ended;
        expect(status, stderr).toBe(0);
        expect(stdout).toBe('');
      }
      const rows = scenarios.moves.rows;
      const parts = matrixOf(3, rows, Float64Array.from(each.flatMap(({ pnl }) => [...pnl])));
      const { total, component } = historicalContributions(parts, {
        kind: 'expectedShortfall',
        convention: 'acerbiTasche',
        level,
      });
      type Opened = { readonly values: number[]; readonly error: { readonly absolute: number } };
      const read = (name: string) =>
        JSON.parse(readFileSync(path(`${name}.out.json`), 'utf8')) as {
          readonly figures: Record<string, Opened>;
          readonly own: Record<string, Opened>;
          readonly privacy: PrivacyLedger;
        };
      const near = ({ values, error }: Opened, expected: number): void => {
        expect(error.absolute).toBeLessThan(1e-6 * limit);
        expect(Math.abs(values[0]! - expected)).toBeLessThanOrEqual(error.absolute + 1e-12 * limit);
      };
      for (const name of [...firms, 'regulator']) near(read(name).figures['shortfall']!, total);
      firms.forEach((firm, f) => {
        const { own, privacy } = read(firm);
        expect(Object.keys(own)).toEqual([`component of ${firm}`]);
        near(own[`component of ${firm}`]!, component[f]!);
        expect(privacy.entries.map(({ role }) => role)).toContain('network');
        expect(JSON.stringify(privacy)).not.toContain('one process');
      });
      expect(read('regulator').own).toEqual({});
    },
    LIMIT,
  );

  it(
    'refuses a consortium of too few, and what was not agreed, before anybody is connected',
    () => {
      const pins = Array.from({ length: 7 }, (_, i) => `${i}`.repeat(64));
      const program = {
        kind: 'consortium',
        subject: 'concentration',
        firms: ['Ada', 'Bohr', 'Curie'],
        minimumContributors: 3,
        terms: { least: 1, limit: 100 },
      };
      const { certificate, privateKey } = createTlsIdentity('Ada');
      const run = (changes: object, submission: object = { size: 5 }) => {
        writeFileSync(path('own.json'), JSON.stringify(submission));
        const config = {
          session: 's',
          self: 'Ada',
          certificate,
          key: privateKey,
          parties: pins.slice(0, 3).map((pin, i) => ({ address: `127.0.0.1:${7000 + i}`, pin })),
          clients: ['Ada', 'Bohr', 'Curie', 'Dirac'].map((name, i) => ({ name, pin: pins[3 + i]! })),
          threshold: 1,
          program: { ...program, ...changes },
          inputs: { submission: 'own.json' },
          timeouts: { connectMs: 100 },
        };
        writeFileSync(path('consortium.json'), JSON.stringify(config));
        return cli('party', '--config', path('consortium.json'));
      };
      const few = run({ minimumContributors: 4 });
      expect([few.status, few.stderr]).toEqual([3, expect.stringContaining('the agreed minimum is 4')]);
      const range = run({}, { size: 123.456 });
      expect([range.status, range.stderr]).toEqual([2, expect.stringContaining('size of 1 to 100')]);
      expect(range.stderr).not.toContain('123.456');
    },
    LIMIT,
  );

  it('says where a configuration is wrong, and leaves with status 2', () => {
    writeFileSync(path('wrong.json'), '{\n "session": "x",\n "self": 5\n}');
    const run = cli('party', '--config', path('wrong.json'));
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/wrong\.json:1:1 \(parties\): expected an array of parties, found nothing/);
  });
});

describe('report --engine mpc --transport tls', () => {
  it.each([
    ['pnl', 'listed'],
    ['figures', 'listed'],
    ['pnl', 'chebyshev'],
    ['figures', 'factors'],
  ])(
    'opens %s with every party in its own process, basis %s',
    (open, basis) => {
      const request = smallRequest(10, 20);
      writeFileSync(path('p.csv'), positionsCsv(request.book));
      writeFileSync(path('m.json'), marketJson(request.market));
      writeFileSync(path('s.csv'), scenariosCsv(request.scenarios));
      const args = [
        'report',
        '--positions',
        'p.csv',
        '--market',
        'm.json',
        '--scenarios',
        's.csv',
        '--basis',
        basis,
        '--json',
      ];
      const [plain, tls] = [[], ['--engine', 'mpc', '--transport', 'tls', '--open', open]].map((more) => {
        const run = cli(...args, ...more);
        expect(run.status, run.stderr).toBe(0);
        return JSON.parse(run.stdout) as Awaited<ReturnType<typeof rehearse>>;
      });
      expect(tls!.parameters).toMatchObject({ transport: 'TLS 1.3 between processes of this machine' });
      expect(tls!.pnl === null).toBe(open === 'figures');
      expect(tls!.opened.includes('pnl')).toBe(open === 'pnl');
      for (const name of FIGURE_NAMES) {
        const bound = tls!.figures[name].error.absolute + plain!.figures[name].error.absolute;
        expect(Math.abs(tls!.figures[name].value - plain!.figures[name].value), name).toBeLessThanOrEqual(
          bound,
        );
      }
    },
    LIMIT,
  );
});
