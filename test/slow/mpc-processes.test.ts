import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTlsIdentity } from '../../src/trust/certificate.ts';
import { DEVIATIONS, expectAllAbort } from '../support/deviations.ts';
import { freePorts, startParty, TestSession } from '../support/party-processes.ts';

const LIMIT = 300_000;

describe('one party of real processes deviates in the middle: all others abort, and nothing is opened', () => {
  let session: TestSession;
  beforeEach(async () => {
    session = await TestSession.create('figures');
  }, LIMIT);
  afterEach(() => session.end(), LIMIT);

  test.each(DEVIATIONS)('it %s', (_, deviate, said) => expectAllAbort(session, deviate, said), LIMIT);
});

test('formulas of two owners: products, a comparison and an order statistic, each result to its recipient', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-formulas-'));
  const path = (name: string) => join(folder, name);
  try {
    const names = ['party 1', 'party 2', 'party 3', 'a', 'b'];
    const ids = Object.fromEntries(names.map((name) => [name, createTlsIdentity(name)]));
    const ports = await freePorts(3);
    const x = [1.5, -2, 0.25, 3];
    const y = [-1, 0.5, 2, 1];
    writeFileSync(path('x.json'), JSON.stringify(x));
    writeFileSync(path('y.json'), JSON.stringify(y));
    const common = {
      session: 'formulas',
      parties: ports.map((port, i) => ({ address: `127.0.0.1:${port}`, pin: ids[`party ${i + 1}`]!.pin })),
      clients: ['a', 'b'].map((name) => ({ name, pin: ids[name]!.pin })),
      threshold: 1,
      program: {
        kind: 'formula',
        inputs: { x: { length: 4, bound: 4, owner: 'a' }, y: { length: 4, bound: 4, owner: 'b' } },
        constants: { w: [1, 2, 3, 4] },
        outputs: {
          total: { formula: 'sum(w * x * y)', recipients: ['a', 'b'] },
          larger: { formula: 'max(x, y)', recipients: ['b'] },
          second: { formula: 'kthSmallest(x - y, 2)', recipients: ['a'] },
        },
      },
    };
    const own: Record<string, object> = {
      a: { inputs: { x: 'x.json' }, out: 'a-learns.json' },
      b: { inputs: { y: 'y.json' }, out: 'b-learns.json' },
    };
    const processes = names.map((self) => {
      const { certificate, privateKey } = ids[self]!;
      const config = { ...common, self, certificate, key: privateKey, ...own[self] };
      writeFileSync(path(`${self}.json`), JSON.stringify(config));
      return startParty(path(`${self}.json`));
    });
    for (const { ended } of processes) {
      const { status, stderr } = await ended;
      expect(status, stderr).toBe(0);
    }
    type Learned = Record<string, { values: number[]; error: { absolute: number } }>;
    const learned = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as Learned;
    const expectValues = ({ values, error }: Learned[string], expected: number[]) => {
      values.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(error.absolute);
      });
      expect(values).toHaveLength(expected.length);
    };
    const { total, second, privacy: _, ...rest } = learned('a-learns.json');
    expectValues(total!, [x.reduce((sum, value, i) => sum + (i + 1) * value * y[i]!, 0)]);
    expectValues(second!, [x.map((value, i) => value - y[i]!).sort((p, q) => p - q)[1]!]);
    expect(rest).toEqual({});
    const theirs = learned('b-learns.json');
    expectValues(theirs.total!, total!.values);
    expectValues(
      theirs.larger!,
      x.map((value, i) => Math.max(value, y[i]!)),
    );
    expect(Object.keys(theirs).sort()).toEqual(['larger', 'privacy', 'total']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 300_000);
