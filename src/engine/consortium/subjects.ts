import { ShapeError } from '../../base/errors.ts';
import type { Book } from '../../domain/book.ts';
import type { JsonCursor } from '../../domain/parse/json.ts';
import { FINITE, type NumberRule, POSITIVE } from '../../domain/parse/rule.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { type ListedBasis, projectOnListed } from '../../risk/bases/listed.ts';
import { clearing, scaledTogether } from '../../risk/consortium/clearing.ts';
import { contagion } from '../../risk/consortium/contagion.ts';
import { jointRisk } from '../../risk/consortium/joint-risk.ts';
import { multilateralNetting } from '../../risk/consortium/netting.ts';
import type { ConsortiumProgram } from '../../risk/consortium/program.ts';
import { concentration, correlations, leverage, type SizeBounds } from '../../risk/consortium/statistics.ts';

/** Public files of a subject whose firms submit books; paths as in the configuration. */
export type BookFiles = {
  readonly contracts: string;
  readonly market: string;
  readonly scenarios: string;
  /** A second set of scenarios, where the subject has one. */
  readonly stress?: string | undefined;
};

/** The public side of such a subject, valued: P&L of a unit of each contract, a row a scenario. */
export type ValuedContracts = {
  readonly basis: ListedBasis;
  readonly pnl: Matrix;
  readonly stress?: Matrix | undefined;
};

/** What a firm submits: a JSON object of its own numbers, or a book. Secret. */
export type SubmissionSource = { readonly json: JsonCursor } | { readonly book: Book };

/** A program, and what it makes of a firm's file. */
export type ReadyProgram = {
  readonly program: ConsortiumProgram<never>;
  /** @throws ShapeError, RangeError, ParseError, which name a field and never its value. */
  readonly inputsOf: (firm: string, source: SubmissionSource) => Readonly<Record<string, Float64Array>>;
};

/** A subject with its terms. */
export type ConsortiumSubject = {
  readonly name: SubjectName;
  /** Where firms submit books. */
  readonly files?: BookFiles | undefined;
  /** @param valued for a subject with files. */
  readonly program: (firms: readonly string[], valued: ValuedContracts | undefined) => ReadyProgram;
};

export const SUBJECTS = [
  'jointRisk',
  'concentration',
  'leverage',
  'correlations',
  'netting',
  'clearing',
  'contagion',
] as const;
export type SubjectName = (typeof SUBJECTS)[number];

const COUNT: NumberRule = {
  text: 'a whole number above 0',
  holds: (value) => Number.isSafeInteger(value) && value > 0,
};
const LEVEL: NumberRule = { text: 'a level between 0 and 1', holds: (value) => value > 0 && value < 1 };
const SHOCK: NumberRule = { text: 'a shock from -1 to 1', holds: (value) => value >= -1 && value <= 1 };

type Reader = (terms: JsonCursor) => Omit<ConsortiumSubject, 'name'>;

const READERS: Readonly<Record<SubjectName, Reader>> = {
  concentration: (terms) => {
    const bounds = boundsIn(terms.object(['least', 'limit']));
    return {
      program: (firms) =>
        ready(concentration(firms, bounds), (source) => {
          const json = jsonOf(source, ['size']);
          return { size: json.member('size').number() };
        }),
    };
  },
  leverage: (terms) => {
    terms.object(['assets', 'equity']);
    const [assets, equity] = ['assets', 'equity'].map((name) =>
      boundsIn(terms.member(name).object(['least', 'limit'])),
    ) as [SizeBounds, SizeBounds];
    return {
      program: (firms) =>
        ready(leverage(firms, assets, equity), (source) => {
          const json = jsonOf(source, ['assets', 'equity']);
          return { assets: json.member('assets').number(), equity: json.member('equity').number() };
        }),
    };
  },
  correlations: (terms) => {
    const observations = terms.object(['observations']).member('observations').number(COUNT);
    return {
      program: (firms) =>
        ready(correlations(firms, observations), (source) => ({
          returns: vectorIn(jsonOf(source, ['returns']).member('returns')),
        })),
    };
  },
  netting: (terms) => {
    terms.object(['contracts', 'limit']);
    const contracts = terms.member('contracts').number(COUNT);
    const limit = terms.member('limit').number(POSITIVE);
    return {
      program: (firms) =>
        ready(multilateralNetting(firms, contracts, limit), (source) => ({
          positions: vectorIn(jsonOf(source, ['positions']).member('positions')),
        })),
    };
  },
  contagion: (terms) => {
    terms.object(['shocks', 'limit', 'iterations']);
    const rows = terms.member('shocks').array('an array of scenarios, each an array of shocks');
    const shocks = rows.map((row) => row.numbers(SHOCK, 'an array of shocks', lengthOf(rows[0]!)));
    const limit = terms.member('limit').number(POSITIVE);
    const rounds = terms.member('iterations');
    const iterations = rounds.present ? { iterations: rounds.number(COUNT) } : {};
    const matrix = matrixOf(shocks.length, shocks[0]?.length ?? 0, Float64Array.from(shocks.flat()));
    return {
      program: (firms) =>
        ready(contagion(firms, { shocks: matrix, limit, ...iterations }), (source) => {
          const json = jsonOf(source, ['assets', 'owedToFirms', 'owedOutside']);
          return {
            assets: vectorIn(json.member('assets')),
            owedToFirms: vectorIn(json.member('owedToFirms')),
            owedOutside: json.member('owedOutside').number(),
          };
        }),
    };
  },
  jointRisk: (terms) => {
    terms.object(['contracts', 'market', 'scenarios', 'limit', 'level']);
    const limit = terms.member('limit').number(POSITIVE);
    const level = terms.member('level').number(LEVEL);
    return {
      files: filesIn(terms),
      program: (firms, valued) => {
        const { basis, pnl } = valued!;
        const { columnScale, scaled } = scaledTogether([pnl]);
        return ready(jointRisk({ pnl: scaled[0]!, columnScale }, firms, { limit, level }), unitsIn(basis));
      },
    };
  },
  clearing: (terms) => {
    terms.object(['contracts', 'market', 'scenarios', 'stress', 'limit', 'leastMargin']);
    const limit = terms.member('limit').number(POSITIVE);
    const leastMargin = terms.member('leastMargin').number(POSITIVE);
    return {
      files: { ...filesIn(terms), stress: terms.member('stress').text('a path') },
      program: (firms, valued) => {
        const { basis, pnl, stress } = valued!;
        const { columnScale, scaled } = scaledTogether([pnl, stress!]);
        const [margin, stressed] = scaled as [Matrix, Matrix];
        return ready(
          clearing(firms, { columnScale, margin, stress: stressed, limit, leastMargin }),
          unitsIn(basis),
        );
      },
    };
  },
};

/** Reads what is computed, and under which terms. @throws ParseError */
export function readSubject(subject: JsonCursor, terms: JsonCursor): ConsortiumSubject {
  const expected = `what is computed: ${SUBJECTS.join(', ')}`;
  const name = SUBJECTS.find((known) => known === subject.text(expected));
  if (name === undefined) throw subject.error(expected);
  return { name, ...READERS[name](terms) };
}

function ready<S>(program: ConsortiumProgram<S>, read: (source: SubmissionSource) => S): ReadyProgram {
  return {
    program: program as ConsortiumProgram<never>,
    inputsOf: (firm, source) => program.prepare(firm, read(source)),
  };
}

function jsonOf(source: SubmissionSource, fields: readonly string[]): JsonCursor {
  if ('json' in source) return source.json.object(fields);
  throw new ShapeError('this subject takes a JSON object of a firm’s numbers, not a book');
}

const unitsIn =
  (basis: ListedBasis) =>
  (source: SubmissionSource): { readonly units: Float64Array } => {
    if ('book' in source) return { units: projectOnListed(source.book, basis).x };
    throw new ShapeError('this subject takes a book, not a JSON object');
  };

function boundsIn(cursor: JsonCursor): SizeBounds {
  return { least: cursor.member('least').number(POSITIVE), limit: cursor.member('limit').number(POSITIVE) };
}

function filesIn(terms: JsonCursor): BookFiles {
  const path = (name: string): string => terms.member(name).text('a path');
  return { contracts: path('contracts'), market: path('market'), scenarios: path('scenarios') };
}

function vectorIn(cursor: JsonCursor): Float64Array {
  return Float64Array.from(cursor.numbers(FINITE, 'an array of numbers'));
}

function lengthOf(cursor: JsonCursor): number | undefined {
  return Array.isArray(cursor.value) ? cursor.value.length : undefined;
}
