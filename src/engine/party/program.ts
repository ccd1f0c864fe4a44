import type { Circuit, InputSpec, Power } from '../../algebra/circuit.ts';
import { formulaOrdered } from '../../algebra/formula/formula.ts';
import type { RunOptions } from '../../base/progress.ts';
import type { Book } from '../../domain/book.ts';
import type { Market } from '../../domain/market.ts';
import type { Json } from '../../domain/report.ts';
import { type CircuitPlan, planCircuit } from '../../mpc/circuit/plan-circuit.ts';
import type { Security } from '../../mpc/engine/protocol.ts';
import { FRAME_HEADER_BYTES } from '../../mpc/frame.ts';
import { isLinear, type MpcPlan, planMpc } from '../../mpc/plan.ts';
import type { RiskBasis } from '../../risk/bases/basis.ts';
import { projectorOf } from '../../risk/bases/chebyshev/propose.ts';
import { factorsBasis, projectOnFactors } from '../../risk/bases/factors.ts';
import { projectOnListed } from '../../risk/bases/listed.ts';
import { denormalise, denormaliseFigures, figuresOf } from '../../risk/finish.ts';
import { type FigureOutput, figuresCircuit, type RiskOutput, riskCircuit } from '../../risk/program.ts';
import { normaliseBook, type Valuation, valuationOf } from '../../risk/valuation.ts';
import { agreedBasis } from '../exchange/agreed-basis.ts';
import type { PublicFiles } from '../exchange/public-side.ts';
import { basisFacts } from '../ledger/basis.ts';
import type { Sharing } from '../ledger/facts.ts';
import { sessionLedger } from '../ledger/session.ts';
import type { FormulaSpec, RiskSpec } from './config.ts';

export type SessionPlan = MpcPlan | CircuitPlan;
export type Vectors = Readonly<Record<string, Float64Array>>;

/** How many compute, how many of them may collude, and against whom. */
export type Scheme = { readonly parties: number; readonly threshold: number; readonly security: Security };

/** Who brings an input, and who opens an output. */
export type Casting = {
  readonly owners: Readonly<Record<string, string>>;
  readonly recipients: Readonly<Record<string, readonly string[]>>;
};

/**
 * Longest frame between processes, header included: 1 MiB of payload. A party keeps at most two of them for a peer that is faster than
 * itself.
 */
export const FRAME_BYTES: number = FRAME_HEADER_BYTES + 2 ** 20;

/**
 * Plans a circuit for processes: a linear one needs no word between the parties, any other is run against parties that deviate
 * in any way, unless `semiHonest` is asked for.
 */
export async function planSession(
  circuit: Circuit<string, string, Power>,
  { parties, threshold, security }: Scheme,
  casting: Casting,
  options: { readonly precision?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<SessionPlan> {
  const common = { parties, threshold, ...casting, frameBytes: FRAME_BYTES, ...options };
  return isLinear(circuit) ? planMpc(circuit, common) : planCircuit(circuit, { ...common, security });
}

/** How a plan shares: a linear one takes no word between the parties. */
export function sharingOf(plan: SessionPlan): Sharing {
  const { parties, threshold } = plan;
  return { parties, threshold, security: 'map' in plan ? 'linear' : plan.security };
}

/** What a session computes, and what its clients do before and after. */
export type SessionProgram = {
  readonly plan: SessionPlan;
  /** What a recipient makes of what it opened. @param scale its own secret exposure, where that was divided out of its input. */
  present(opened: Vectors, scale?: number): Json;
};

/** The input of an owner's book. */
export const bookOf = (owner: string): string => `book of ${owner}`;

/** A risk program: what is public of it, valued, and planned. */
export type RiskProgram = SessionProgram & {
  readonly basis: RiskBasis;
  readonly market: Market;
  readonly valuation: Valuation;
};

/** The public files of a risk program. */
export type RiskFiles = Omit<PublicFiles, 'contracts'> & {
  /** Contracts that books may hold, or those outside a proposed basis; none in the `factors` basis. */
  readonly contracts: Book;
};

/** Values the basis of the books in all scenarios, and plans the risk of the owners' sum. @throws IntegrityError for a proposed basis that cannot be made. */
export async function riskSession(
  spec: Pick<RiskSpec, 'owners' | 'recipient' | 'open' | 'exposureLimit' | 'basis'>,
  { contracts, proposal, market, scenarios }: RiskFiles,
  scheme: Scheme,
  options: RunOptions = {},
): Promise<RiskProgram> {
  const listed = contracts.positions.map(({ instrument }) => instrument);
  const basis =
    spec.basis === 'factors' ? factorsBasis(market) : agreedBasis({ contracts: listed, proposal, market });
  const valuation = await valuationOf(basis, market, scenarios, options);
  const books = spec.owners.map(bookOf);
  const circuit: Circuit<string, string, Power> =
    spec.open === 'pnl' ? riskCircuit(valuation, books) : figuresCircuit(valuation, books);
  const cast = riskCasting(spec.owners, spec.recipient, Object.keys(circuit.outputs));
  const plan = await planSession(circuit, scheme, cast, options);
  const { told, kept } = basisFacts(basis);
  const privacy = sessionLedger({
    sharing: sharingOf(plan),
    ...cast,
    kept,
    known: [
      ...told,
      'market and scenarios',
      'the circuit, who takes part, and the sizes of messages',
      ...(spec.exposureLimit === undefined ? [] : ['that no exposure exceeds the agreed limit']),
    ],
    limit:
      spec.open === 'pnl'
        ? 'a P&L vector over known scenarios tells linear functions of the sum of the books'
        : 'figures are exact up to their error, and imply what they imply of the sum of the books',
  });
  return {
    plan,
    basis,
    market,
    valuation,
    present: (opened, scale = spec.exposureLimit ?? 1) => ({
      ...presentRisk(valuation, plan, opened, scale),
      basis: {
        kind: basis.kind,
        digest: basis.digest,
        // The recipient cannot know it.
        error: basis.kind === 'listed' ? 'none' : "not counted: each owner knows its own book's",
      },
      privacy: privacy as unknown as Json,
    }),
  };
}

/** Every owner brings its book; one recipient opens everything. */
export function riskCasting(
  owners: readonly string[],
  recipient: string,
  outputs: readonly string[],
): Casting {
  return {
    owners: Object.fromEntries(owners.map((owner) => [bookOf(owner), owner])),
    recipients: Object.fromEntries(outputs.map((output) => [output, [recipient]])),
  };
}

/** An owner's book as the input of its session, and the number by which results are multiplied back: the limit, or its secret exposure. */
export function bookInput(
  { basis, market, valuation }: Pick<RiskProgram, 'basis' | 'market' | 'valuation'>,
  book: Book,
  limit: number | undefined,
): { readonly z: Float64Array; readonly l1: number } {
  return normaliseBook(coordinatesOf(book, basis, market), valuation.columnScale, limit);
}

/** @throws ShapeError, RangeError for positions that the basis does not take. */
function coordinatesOf(book: Book, basis: RiskBasis, market: Market): Float64Array {
  if (basis.kind === 'listed') return projectOnListed(book, basis).x;
  if (basis.kind === 'factors') return projectOnFactors(book.positions, basis, market);
  return projectorOf(basis, market)(book.positions);
}

/** Figures, Greeks and, where it was opened, the P&L vector, in currency: those of `report.json`. */
function presentRisk(
  valuation: Valuation,
  plan: SessionPlan,
  opened: Vectors,
  scale: number,
): { readonly [name: string]: Json } {
  if ('pnl' in opened) {
    const results = denormalise(
      valuation,
      opened as Record<RiskOutput, Float64Array>,
      plan.error as never,
      scale,
    );
    const { netGreeks, netGreeksError } = results;
    return {
      figures: figuresOf(results),
      netGreeks,
      netGreeksError,
      pnl: Array.from(results.pnl),
    } as unknown as {
      readonly [name: string]: Json;
    };
  }
  return denormaliseFigures(
    valuation,
    opened as Record<FigureOutput, Float64Array>,
    plan.error as never,
    scale,
  ) as unknown as { readonly [name: string]: Json };
}

/** Formulas as a session. Loads mathjs: about a second. */
export async function formulaSession(
  { inputs, constants, outputs }: FormulaSpec,
  scheme: Scheme,
  options: RunOptions = {},
): Promise<SessionProgram> {
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { owner: _, ...spec }]): [string, InputSpec] => [name, spec]),
  );
  const texts = Object.fromEntries(Object.entries(outputs).map(([name, { formula }]) => [name, formula]));
  const circuit: Circuit<string, string, Power> = await formulaOrdered(texts, { ...constants, ...specs });
  const casting = {
    owners: Object.fromEntries(Object.entries(inputs).map(([name, { owner }]) => [name, owner])),
    recipients: Object.fromEntries(
      Object.entries(outputs).map(([name, { recipients }]) => [name, recipients]),
    ),
  };
  const plan = await planSession(circuit, scheme, casting, { signal: options.signal });
  const privacy = sessionLedger({
    sharing: sharingOf(plan),
    ...casting,
    known: [
      'the formulas, their constants, lengths and bounds of inputs, who takes part, and the sizes of messages',
    ],
    limit: 'outputs are exact up to their error, and imply what they imply of the inputs',
  });
  return {
    plan,
    present: (opened) => ({
      ...Object.fromEntries(
        Object.entries(opened).map(([name, values]) => [
          name,
          { values: Array.from(values), error: { ...plan.error[name]! } },
        ]),
      ),
      privacy: privacy as unknown as Json,
    }),
  };
}
