import { describe, expect, it } from 'vitest';
import { type PartyConfig, parsePartyConfig } from '../../../src/engine/party/config.ts';

const pin = (digit: string) => digit.repeat(64);

/** A configuration as docs/formats.md has it. */
const base = {
  session: 'end of day',
  self: 'party 1',
  certificate: 'party-1.pem',
  key: 'party-1.key',
  parties: ['1', '2', '3'].map((digit) => ({ address: `10.0.0.${digit}:7001`, pin: pin(digit) })),
  clients: [
    { name: 'bank', pin: pin('a') },
    { name: 'regulator', pin: pin('b') },
  ],
  threshold: 1,
  program: {
    kind: 'risk',
    contracts: 'contracts.csv',
    market: 'market.json',
    scenarios: 'scenarios.csv',
    open: 'figures',
    owners: ['bank'],
    recipient: 'regulator',
    exposureLimit: 1e9,
  },
};
const formula = {
  kind: 'formula',
  inputs: { x: { length: 3, bound: 2, owner: 'bank' } },
  constants: { w: [1, 2, 3], c: 4 },
  outputs: { y: { formula: 'dot(w, x) + c', recipients: ['regulator'] } },
};

const parse = (config: unknown): PartyConfig =>
  parsePartyConfig(JSON.stringify(config, null, 1), 'party.json').config;

describe('party.json', () => {
  it('reads a risk program', () => {
    const config = parse(base);
    expect(config.self).toBe(1);
    expect(config.security).toBe('malicious');
    expect(config.parties[1]).toEqual({ address: { host: '10.0.0.2', port: 7001 }, pin: pin('2') });
    expect(config.program).toMatchObject({ kind: 'risk', open: 'figures', exposureLimit: 1e9 });
  });

  it('reads a proposed basis, or one of net sensitivities, without a list of contracts', () => {
    const { contracts: _, ...program } = base.program;
    const proposed = parse({ ...base, program: { ...program, basis: 'chebyshev', proposal: 'basis.json' } });
    expect(proposed.program).toMatchObject({ basis: 'chebyshev', proposal: 'basis.json' });
    expect(parse({ ...base, program: { ...program, basis: 'factors' } }).program).toMatchObject({
      basis: 'factors',
    });
    expect(() => parse({ ...base, program })).toThrow(/program\.contracts/);
    expect(() => parse({ ...base, program: { ...program, basis: 'chebyshev' } })).toThrow(
      /program\.proposal/,
    );
    expect(() => parse({ ...base, program: { ...base.program, basis: 'vague' } })).toThrow(/listed, factors/);
  });

  it('reads a consortium, and refuses what is none', () => {
    const clients = ['Ada', 'Bohr', 'Curie', 'regulator'].map((name, i) => ({ name, pin: pin('abcd'[i]!) }));
    const program = {
      kind: 'consortium',
      subject: 'concentration',
      firms: ['Ada', 'Bohr', 'Curie'],
      observers: ['regulator'],
      minimumContributors: 3,
      terms: { least: 1, limit: 100 },
    };
    const read = (changes: object) => parse({ ...base, clients, program: { ...program, ...changes } });
    expect(read({}).program).toMatchObject({ firms: program.firms, observers: ['regulator'] });
    const terms: Record<string, object> = {
      jointRisk: { contracts: 'c.csv', market: 'm.json', scenarios: 's.csv', limit: 1e6, level: 0.99 },
      leverage: { assets: { least: 1, limit: 9 }, equity: { least: 1, limit: 5 } },
      correlations: { observations: 12 },
      netting: { contracts: 3, limit: 100 },
      clearing: {
        contracts: 'c.csv',
        market: 'm.json',
        scenarios: 's.csv',
        stress: 't.csv',
        limit: 1e6,
        leastMargin: 10,
      },
      contagion: {
        shocks: [
          [-0.1, 0.2],
          [-0.5, 0],
        ],
        limit: 100,
      },
    };
    for (const [subject, of] of Object.entries(terms)) {
      expect(read({ subject, terms: of }).program).toMatchObject({ subject: { name: subject } });
    }
    for (const [changes, names] of [
      [{ minimumContributors: 2 }, /minimumContributors.*at least 3/],
      [{ subject: 'astrology' }, /jointRisk, concentration/],
      [{ firms: ['Ada', 'Bohr', 'Eve'] }, /a client/],
      [{ observers: ['Curie'] }, /no observer/],
      [{ terms: { least: -1, limit: 100 } }, /program\.terms\.least/],
      [{ subject: 'contagion', terms: { shocks: [[-0.1], [-2]], limit: 1 } }, /from -1 to 1/],
    ] as const) {
      expect(() => read(changes)).toThrow(names);
    }
  });

  it('reads formulas, a client, IPv6 addresses and time-outs', () => {
    const parties = base.parties.map((party, i) => (i === 0 ? { ...party, address: '[::1]:7001' } : party));
    const timeouts = { connectMs: 1000, messageMs: 2000, silenceMs: 3000 };
    const config = parse({
      ...base,
      self: 'regulator',
      parties,
      timeouts,
      program: formula,
      out: 'result.json',
    });
    expect(config.self).toBe('regulator');
    expect(config.parties[0]!.address).toEqual({ host: '::1', port: 7001 });
    expect(config.timeouts).toEqual(timeouts);
    expect(config.program).toEqual({ ...formula, constants: { w: Float64Array.of(1, 2, 3), c: 4 } });
  });

  it('warns of keys that it does not know', () => {
    const { warnings } = parsePartyConfig(JSON.stringify({ ...base, thresold: 2 }), 'party.json');
    expect(warnings).toEqual(['party.json: ignored unknown key "thresold"']);
  });

  const wrong: [what: string, changes: Record<string, unknown>, field: string][] = [
    ['too few parties', { parties: base.parties.slice(0, 2) }, 'parties'],
    [
      'an address without a port',
      { parties: base.parties.map((p) => ({ ...p, address: '10.0.0.1' })) },
      'parties[0].address',
    ],
    [
      'a port out of range',
      { parties: base.parties.map((p) => ({ ...p, address: '10.0.0.1:70000' })) },
      'parties[0].address',
    ],
    [
      'two parties at one address',
      { parties: base.parties.map((p) => ({ ...p, address: '10.0.0.1:7001' })) },
      'parties',
    ],
    ['a pin that is none', { clients: [{ name: 'bank', pin: 'abc' }] }, 'clients[0].pin'],
    ['one key for two endpoints', { clients: [{ name: 'bank', pin: pin('1') }, base.clients[1]] }, ''],
    ['a client called like a party', { clients: [{ name: 'party 9', pin: pin('a') }] }, 'clients[0].name'],
    ['somebody else', { self: 'party 4' }, 'self'],
    ['a threshold of half of the parties', { threshold: 1.5 }, 'threshold'],
    ['too high a threshold', { threshold: 2 }, 'threshold'],
    ['another kind of security', { security: 'perfect' }, 'security'],
    ['another kind of program', { program: { ...base.program, kind: 'sudoku' } }, 'program.kind'],
    [
      'an owner that is no client',
      { program: { ...base.program, owners: ['hedge fund'] } },
      'program.owners[0]',
    ],
    [
      'no bound of an exposure that the recipient does not know',
      { program: { ...base.program, exposureLimit: undefined } },
      'program.exposureLimit',
    ],
    [
      'a vector of no length',
      { program: { ...formula, inputs: { x: { length: 0, bound: 1, owner: 'bank' } } } },
      'program.inputs.x.length',
    ],
    [
      'an output for nobody',
      { program: { ...formula, outputs: { y: { formula: 'sum(x)', recipients: [] } } } },
      'program.outputs.y.recipients',
    ],
    ['a time-out of nothing', { timeouts: { silenceMs: 0 } }, 'timeouts.silenceMs'],
  ];
  it.each(wrong)('refuses %s, and says where', (_, changes, field) => {
    let error: unknown;
    try {
      parse({ ...base, ...changes });
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'parse', message: expect.stringMatching(/^party\.json:\d+:\d+/) });
    expect((error as { facts: { field?: string } }).facts.field ?? '').toBe(field);
  });
});
