import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Figure, FigureName } from '../../../src/domain/report.ts';
import { FIGURE_NAMES } from '../../../src/domain/report.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';
import { rehearse } from '../../../src/engine/rehearse.ts';
import { createTlsIdentity } from '../../../src/trust/certificate.ts';
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
      const { figures } = JSON.parse(readFileSync(path('figures.json'), 'utf8')) as {
        figures: Record<FigureName, Figure>;
      };
      const plain = await rehearse('plain', request);
      for (const name of FIGURE_NAMES) {
        const { value, error } = figures[name];
        const bound = error.absolute + plain.figures[name].error.absolute;
        expect(Math.abs(value - plain.figures[name].value), name).toBeLessThanOrEqual(bound);
      }
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
  it.each(['pnl', 'figures'])(
    'opens %s with every party in its own process',
    (open) => {
      const request = smallRequest(10, 20);
      writeFileSync(path('p.csv'), positionsCsv(request.book));
      writeFileSync(path('m.json'), marketJson(request.market));
      writeFileSync(path('s.csv'), scenariosCsv(request.scenarios));
      const args = ['report', '--positions', 'p.csv', '--market', 'm.json', '--scenarios', 's.csv', '--json'];
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
