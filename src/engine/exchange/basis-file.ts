import type { Digest } from '../../base/brand.ts';
import { type JsonCursor, readJson } from '../../domain/parse/json.ts';
import { FINITE, POSITIVE } from '../../domain/parse/rule.ts';
import {
  type ChebyshevSettings,
  checkSettings,
  type PanelNodes,
  type ReferenceVol,
} from '../../risk/bases/chebyshev/settings.ts';
import { digestIn, literal } from './description.ts';

/** A `chebyshev` basis as its owner proposes it: settings, from which everybody makes the same basis, and the digest that it must have. */
export type BasisProposal = { readonly settings: ChebyshevSettings; readonly digest: Digest };

const FORMAT = 'blindrisk-basis';
const VERSION = 1;

/** basis.json. Public; what it tells of a book is in SECURITY.md. */
export function writeBasis({ settings, digest }: BasisProposal): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, kind: 'chebyshev', ...settings, digest }, null, 1)}\n`;
}

/** @throws ParseError naming the first field that is not as written; RangeError for settings that describe no panels. */
export function readBasis(text: string, file: string): BasisProposal {
  const proposal = readJson(text, file, (root): BasisProposal => {
    root.object([
      'format',
      'version',
      'kind',
      'nodes',
      'deviations',
      'expiryYears',
      'marks',
      'referenceVols',
      'american',
      'digest',
      'wing',
    ]);
    literal(root.member('format'), FORMAT);
    literal(root.member('version'), VERSION);
    literal(root.member('kind'), 'chebyshev');
    const wing = root.member('wing');
    return {
      digest: digestIn(root.member('digest')),
      settings: {
        nodes: nodesOf(root.member('nodes')),
        deviations: root.member('deviations').number(POSITIVE),
        expiryYears: pair(root.member('expiryYears')),
        marks: pair(root.member('marks')),
        referenceVols: referenceVolsOf(root.member('referenceVols')),
        american: namesOf(root.member('american')),
        ...(wing.value === undefined ? {} : { wing: wingOf(wing) }),
      },
    };
  }).result;
  checkSettings(proposal.settings);
  return proposal;
}

function nodesOf(cursor: JsonCursor): PanelNodes {
  cursor.object(['moneyness', 'expiry', 'mark']);
  return {
    moneyness: cursor.member('moneyness').number(POSITIVE),
    expiry: cursor.member('expiry').number(POSITIVE),
    mark: cursor.member('mark').number(POSITIVE),
  };
}

function wingOf(cursor: JsonCursor): NonNullable<ChebyshevSettings['wing']> {
  cursor.object(['logMoneyness', 'expiryYears', 'nodes']);
  return {
    logMoneyness: cursor.member('logMoneyness').number(POSITIVE),
    expiryYears: cursor.member('expiryYears').number(POSITIVE),
    nodes: nodesOf(cursor.member('nodes')),
  };
}

function referenceVolsOf(cursor: JsonCursor): Record<string, ReferenceVol> {
  const { value } = cursor;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw cursor.error('an object of reference vols by underlying');
  return Object.fromEntries(Object.keys(value).map((name) => [name, referenceVolOf(cursor.member(name))]));
}

function referenceVolOf(cursor: JsonCursor): ReferenceVol {
  cursor.object(['kind', 'moneyness', 'offset', 'coefficients']);
  const kind = cursor.member('kind');
  if (kind.value === 'flat' || kind.value === 'surface') return { kind: kind.value };
  if (kind.value !== 'smile') throw kind.error('flat, surface or smile');
  const moneyness = cursor.member('moneyness');
  if (moneyness.value !== 'spot' && moneyness.value !== 'forward') throw moneyness.error('spot or forward');
  const coefficients = cursor.member('coefficients').numbers(FINITE, 'three coefficients', 3);
  return {
    kind: 'smile',
    moneyness: moneyness.value,
    offset: cursor.member('offset').number(FINITE),
    coefficients: coefficients as unknown as readonly [number, number, number],
  };
}

function pair(cursor: JsonCursor): readonly [number, number] {
  return cursor.numbers(POSITIVE, 'least and most', 2) as unknown as readonly [number, number];
}

function namesOf(cursor: JsonCursor): readonly string[] {
  const { value } = cursor;
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string' || name === ''))
    throw cursor.error('a list of names');
  return value as readonly string[];
}
