import type { InputSpec } from '../../algebra/circuit.ts';
import type { Digest } from '../../base/brand.ts';
import { type JsonCursor, readJson } from '../../domain/parse/json.ts';
import { type NumberRule, POSITIVE, shown } from '../../domain/parse/rule.ts';
import { BASIS_NAMES, type BasisName } from '../../domain/report.ts';
import type { Security } from '../../mpc/engine/protocol.ts';
import type { Address } from '../../mpc/node/tls.ts';
import { type ConsortiumSpec, readConsortium } from '../consortium/spec.ts';
import { membersOf, readClientName, readClients, refuseRepeated } from './config-names.ts';

/** A computing party, by its place: the first is party 1. */
export type PartySeat = { readonly address: Address; readonly pin: Digest };

/** An endpoint outside: it brings inputs, opens outputs, or both. */
export type ClientSeat = { readonly name: string; readonly pin: Digest };

/** Risk of the books of one or more owners. Paths are relative to the configuration. */
export type RiskSpec = {
  readonly kind: 'risk';
  readonly basis: BasisName;
  /** positions.csv of the contracts that books may hold, or of those outside a proposed basis; its quantities mean nothing. */
  readonly contracts?: string | undefined;
  /** basis.json, where the basis is `chebyshev`. */
  readonly proposal?: string | undefined;
  readonly market: string;
  readonly scenarios: string;
  /** Whether the P&L vector is opened to the recipient, or the figures alone. */
  readonly open: 'pnl' | 'figures';
  readonly owners: readonly string[];
  readonly recipient: string;
  /** A public bound of every owner's exposure (the sum of its contracts' largest moves). */
  readonly exposureLimit?: number | undefined;
};

/** Formulas over secret vectors. */
export type FormulaSpec = {
  readonly kind: 'formula';
  readonly inputs: Readonly<Record<string, InputSpec & { readonly owner: string }>>;
  readonly constants: Readonly<Record<string, number | Float64Array>>;
  readonly outputs: Readonly<
    Record<string, { readonly formula: string; readonly recipients: readonly string[] }>
  >;
};

export type ProgramSpec = RiskSpec | FormulaSpec | ConsortiumSpec;

/** Everything public that all participants of a session write alike, and this one's own part. */
export type PartyConfig = {
  readonly session: string;
  /** Who this is: a party's number, or a client's name. */
  readonly self: number | string;
  /** PEM, or the path of a file that holds it. */
  readonly certificate: string;
  readonly key: string;
  readonly parties: readonly PartySeat[];
  readonly clients: readonly ClientSeat[];
  readonly threshold: number;
  readonly security: Security;
  readonly program: ProgramSpec;
  /** A client's files by the name of the input: positions.csv for a book, a JSON array of numbers for a vector. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Where a recipient writes what it learns; standard output if nothing is said. */
  readonly out?: string | undefined;
  readonly timeouts: {
    readonly connectMs?: number | undefined;
    readonly messageMs?: number | undefined;
    readonly silenceMs?: number | undefined;
  };
};

const FEWEST_PARTIES = 3;
const MOST_PARTIES = 7;

const PORT: NumberRule = {
  text: 'a port from 1 to 65535',
  holds: (value) => Number.isInteger(value) && value >= 1 && value <= 65_535,
};
const LENGTH: NumberRule = {
  text: 'a positive whole number',
  holds: (value) => Number.isSafeInteger(value) && value > 0,
};

/**
 * Reads party.json: see docs/formats.md.
 * @throws ParseError naming line, column and JSON path of the first value that does not follow the format.
 */
export function parsePartyConfig(text: string, file: string): { config: PartyConfig; warnings: string[] } {
  const { result, warnings } = readJson(text, file, readConfig);
  return { config: result, warnings };
}

function readConfig(root: JsonCursor): PartyConfig {
  root.object([
    'session',
    'self',
    'certificate',
    'key',
    'parties',
    'clients',
    'threshold',
    'security',
    'program',
    'inputs',
    'out',
    'timeouts',
  ]);
  const parties = readParties(root.member('parties'));
  const clients = root.member('clients').array('an array of clients').map(readClient);
  refuseRepeated(
    root.member('clients'),
    clients.map(({ name }) => name),
    'name',
  );
  refuseRepeated(
    root,
    [...parties, ...clients].map(({ pin }) => pin),
    'pin: every endpoint has its own key',
  );
  const names = clients.map(({ name }) => name);
  const out = root.member('out');
  return {
    session: root.member('session').text('a name of the session, the same for all participants'),
    self: readSelf(root.member('self'), parties.length, names),
    certificate: root.member('certificate').text('a certificate (PEM) or the path of one'),
    key: root.member('key').text('a private key (PEM) or the path of one'),
    parties,
    clients,
    threshold: readThreshold(root.member('threshold'), parties.length),
    security: readSecurity(root.member('security')),
    program: readProgram(root.member('program'), names),
    inputs: readPaths(root.member('inputs')),
    out: out.present ? out.text('a path') : undefined,
    timeouts: readTimeouts(root.member('timeouts')),
  };
}

function readParties(cursor: JsonCursor): PartySeat[] {
  const list = cursor.array('an array of parties');
  if (list.length < FEWEST_PARTIES || list.length > MOST_PARTIES) {
    throw cursor.error(`${FEWEST_PARTIES} to ${MOST_PARTIES} parties`, `${list.length}`);
  }
  const parties = list.map((entry) => {
    entry.object(['address', 'pin']);
    return { address: readAddress(entry.member('address')), pin: readPin(entry.member('pin')) };
  });
  refuseRepeated(
    cursor,
    parties.map(({ address: { host, port } }) => `${host}:${port}`),
    'address',
  );
  return parties;
}

function readClient(entry: JsonCursor): ClientSeat {
  entry.object(['name', 'pin']);
  const cursor = entry.member('name');
  const name = cursor.text('a name');
  if (/^party \d+$/.test(name)) throw cursor.error('a name that is not a party’s');
  return { name, pin: readPin(entry.member('pin')) };
}

function readAddress(cursor: JsonCursor): Address {
  const text = cursor.text('an address, host:port');
  const at = text.lastIndexOf(':');
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const digits = text.slice(at + 1);
  if (at < 1 || host === '' || !/^\d+$/.test(digits) || !PORT.holds(Number(digits))) {
    throw cursor.error('an address, host:port');
  }
  return { host, port: Number(digits) };
}

function readPin(cursor: JsonCursor): Digest {
  const pin = cursor.text('a pin');
  if (!/^[0-9a-f]{64}$/.test(pin)) {
    throw cursor.error('a pin: the SHA-256 of a public key in 64 lower-case hexadecimal digits');
  }
  return pin as Digest;
}

function readSelf(cursor: JsonCursor, parties: number, clients: readonly string[]): number | string {
  const self = cursor.text('who this is: "party 1", or the name of a client');
  const party = /^party ([1-9]\d*)$/.exec(self)?.[1];
  if (party !== undefined && Number(party) <= parties) return Number(party);
  if (clients.includes(self)) return self;
  throw cursor.error(`"party 1" to "party ${parties}" or a client (${clients.map(shown).join(', ')})`);
}

function readThreshold(cursor: JsonCursor, parties: number): number {
  return cursor.number({
    text: `a whole number from 1 to below half of ${parties} parties`,
    holds: (value) => Number.isInteger(value) && value >= 1 && 2 * value < parties,
  });
}

function readSecurity(cursor: JsonCursor): Security {
  if (!cursor.present) return 'malicious';
  const security = cursor.text();
  if (security === 'malicious' || security === 'semiHonest') return security;
  throw cursor.error('malicious or semiHonest');
}

function readProgram(cursor: JsonCursor, clients: readonly string[]): ProgramSpec {
  cursor.object([
    'kind',
    'basis',
    'proposal',
    'contracts',
    'market',
    'scenarios',
    'open',
    'owners',
    'recipient',
    'exposureLimit',
    'inputs',
    'constants',
    'outputs',
    'subject',
    'firms',
    'observers',
    'minimumContributors',
    'terms',
  ]);
  const kind = cursor.member('kind').text('risk, formula or consortium');
  if (kind === 'risk') return readRisk(cursor, clients);
  if (kind === 'formula') return readFormula(cursor, clients);
  if (kind === 'consortium') return readConsortium(cursor, clients);
  throw cursor.member('kind').error('risk, formula or consortium');
}

function readRisk(cursor: JsonCursor, clients: readonly string[]): RiskSpec {
  const open = cursor.member('open').text('pnl or figures');
  if (open !== 'pnl' && open !== 'figures') throw cursor.member('open').error('pnl or figures');
  const owners = readClients(cursor.member('owners'), clients);
  const recipient = readClientName(cursor.member('recipient'), clients);
  const limit = cursor.member('exposureLimit');
  if (!limit.present && (owners.length > 1 || owners[0] !== recipient)) {
    throw limit.error('a bound of every owner’s exposure, as the recipient is not the only owner');
  }
  const basis = readBasisName(cursor.member('basis'));
  const path = (name: string, needed: boolean): string | undefined => {
    const member = cursor.member(name);
    return needed || member.present ? member.text('a path') : undefined;
  };
  return {
    kind: 'risk',
    basis,
    contracts: path('contracts', basis === 'listed'),
    proposal: path('proposal', basis === 'chebyshev'),
    market: cursor.member('market').text('a path'),
    scenarios: cursor.member('scenarios').text('a path'),
    open,
    owners,
    recipient,
    exposureLimit: limit.present ? limit.number(POSITIVE) : undefined,
  };
}

function readBasisName(cursor: JsonCursor): BasisName {
  if (!cursor.present) return 'listed';
  const name = BASIS_NAMES.find((known) => known === cursor.text());
  if (name === undefined) throw cursor.error(`a basis: ${BASIS_NAMES.join(', ')}`);
  return name;
}

function readFormula(cursor: JsonCursor, clients: readonly string[]): FormulaSpec {
  const inputs = membersOf(cursor.member('inputs')).map(([name, entry]) => {
    entry.object(['length', 'bound', 'l1', 'owner']);
    const l1 = entry.member('l1');
    return [
      name,
      {
        length: entry.member('length').number(LENGTH),
        bound: entry.member('bound').number(POSITIVE),
        ...(l1.present ? { l1: l1.number(POSITIVE) } : {}),
        owner: readClientName(entry.member('owner'), clients),
      },
    ] as const;
  });
  const outputs = membersOf(cursor.member('outputs')).map(([name, entry]) => {
    if (name === 'privacy')
      throw entry.error('another name: privacy is where the result says who learned what');
    entry.object(['formula', 'recipients']);
    return [
      name,
      {
        formula: entry.member('formula').text('a formula'),
        recipients: readClients(entry.member('recipients'), clients),
      },
    ] as const;
  });
  const constants = cursor.member('constants');
  return {
    kind: 'formula',
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    constants: constants.present ? Object.fromEntries(membersOf(constants).map(readConstant)) : {},
  };
}

function readConstant([name, cursor]: readonly [string, JsonCursor]): readonly [
  string,
  number | Float64Array,
] {
  if (!Array.isArray(cursor.value)) return [name, cursor.number()];
  const rule = { text: 'a finite number', holds: () => true };
  return [name, Float64Array.from(cursor.numbers(rule, 'an array of numbers'))];
}

function readPaths(cursor: JsonCursor): Record<string, string> {
  if (!cursor.present) return {};
  return Object.fromEntries(membersOf(cursor).map(([name, entry]) => [name, entry.text('a path')]));
}

function readTimeouts(cursor: JsonCursor): PartyConfig['timeouts'] {
  if (!cursor.present) return {};
  cursor.object(['connectMs', 'messageMs', 'silenceMs']);
  const read = (name: string) => {
    const member = cursor.member(name);
    return member.present ? member.number(POSITIVE) : undefined;
  };
  return { connectMs: read('connectMs'), messageMs: read('messageMs'), silenceMs: read('silenceMs') };
}
