import type { Circuit, Power } from '../algebra/circuit.ts';
import type { Digest } from '../base/brand.ts';
import type { RunOptions } from '../base/progress.ts';
import type { Cost, ErrorBound } from '../domain/report.ts';
import { planCircuit } from '../mpc/circuit/plan-circuit.ts';
import type { Security } from '../mpc/engine/protocol.ts';
import { runInProcess } from '../mpc/run.ts';
import { encryptedBlackScholes, type PricingOutput } from '../risk/pricing/encrypted-black-scholes.ts';
import {
  contractFeatures,
  marketFeatures,
  type OptionMarket,
  type OptionTerms,
} from '../risk/pricing/features.ts';
import {
  DEFAULT_PRICING_DOMAIN,
  type PricingDomain,
  type PricingReference,
} from '../risk/pricing/reference.ts';
import { type AmericanSimulation, sharedAmerican } from '../risk/pricing/shared-american.ts';
import { quoteFeatures, sharedImpliedVol, strikeFeatures } from '../risk/pricing/shared-implied-vol.ts';
import {
  type SimulationMarketInputs,
  type SimulationTerms,
  type SimulationTermsInputs,
  sharedSimulation,
  simulationMarket,
  simulationTerms,
} from '../risk/pricing/shared-simulation.ts';

/** Who computes, and against whom. Default: three parties, the most that may collude, `malicious`. */
export type SharedOptions = RunOptions & {
  readonly parties?: number;
  readonly threshold?: number;
  readonly security?: Security;
};

/** Opened to the recipient alone. */
export type SharedFigures<O extends string> = {
  readonly outputs: Readonly<Record<O, Float64Array>>;
  readonly error: Readonly<Record<O, ErrorBound>>;
  readonly cost: Pick<Cost, 'bytesUp' | 'bytesDown' | 'rounds' | 'messages'>;
  readonly plan: Digest;
};

/** Error of the series on shares: below what 40 fraction bits add. */
const SERIES_ERROR = 1e-10;

/**
 * Black-Scholes prices and Greeks on shares, for two owners who show nothing to each other: the market's, of forwards and vols, and the contracts', of
 * strikes, expiries and types. Opened in units of the public reference's forward (cash Greeks as of `encryptedBlackScholes`): multiply by it.
 *
 * Who learns what: the recipient the outputs; parties and owners nothing. Error: what the plan proves, and what clamping far strikes changes.
 * @throws RangeError, ShapeError for options outside the domain; AbortError when the signal fires.
 */
export async function priceOnShares<O extends PricingOutput>(
  request: SharedOptions & {
    readonly market: OptionMarket;
    readonly terms: OptionTerms;
    readonly reference: PricingReference;
    readonly domain?: PricingDomain;
    readonly outputs: readonly O[];
  },
): Promise<SharedFigures<O>> {
  const { market, terms, reference, domain = DEFAULT_PRICING_DOMAIN, outputs } = request;
  const circuit = encryptedBlackScholes({
    length: terms.strike.length,
    outputs,
    domain,
    seriesError: SERIES_ERROR,
  });
  const ofMarket = marketFeatures(market, reference, domain);
  const { features, clampError } = contractFeatures(terms, reference, domain);
  const shared = await runShared(circuit, { market: ofMarket, contracts: features }, request);
  const error = Object.fromEntries(
    Object.entries<ErrorBound>(shared.error).map(([name, bound]) => [
      name,
      { ...bound, absolute: bound.absolute + clampError },
    ]),
  );
  return { ...shared, error: error as typeof shared.error };
}

/** A price by simulation, and the standard deviation of the estimate, in the currency of the spots. */
export type SharedSimulation = {
  readonly price: number;
  readonly standardError: number;
  /** Of the price, against the plaintext run on the same paths. */
  readonly error: ErrorBound;
  readonly cost: SharedFigures<string>['cost'];
};

/**
 * Monte Carlo on shares: market and contract secret of two owners, seed and paths public. See `sharedSimulation`.
 * @param request.unit public size of a spot, by which all is divided.
 */
export async function simulateOnShares(
  request: SharedOptions & {
    readonly simulation: SimulationTerms;
    readonly unit: number;
    readonly market: SimulationMarketInputs;
    readonly terms: SimulationTermsInputs;
  },
): Promise<SharedSimulation> {
  const { simulation, unit, market, terms } = request;
  const shared = await runShared(
    sharedSimulation(simulation),
    {
      market: simulationMarket(market, unit),
      contracts: simulationTerms(simulation.payoff, terms, unit),
    },
    request,
  );
  return simulatedIn(unit, shared);
}

/**
 * An American option by Longstaff and Schwartz on shares: market and contract secret of two owners, seed, paths and dates public. See `sharedAmerican`. The error is that against the
 * plaintext run, in which every comparison of values nearer than their errors may go either way; the standard error is 0 where it is estimated best to exercise now.
 *
 * Who learns what: the recipient price and standard error; parties and owners nothing.
 * @param request.unit public size of a spot, by which all is divided.
 */
export async function simulateAmericanOnShares(
  request: SharedOptions & {
    readonly simulation: AmericanSimulation;
    readonly unit: number;
    readonly market: SimulationMarketInputs;
    readonly terms: Pick<SimulationTermsInputs, 'strike' | 'expiryYears'>;
  },
): Promise<SharedSimulation> {
  const { simulation, unit, market, terms } = request;
  const shared = await runShared(
    sharedAmerican(simulation),
    {
      market: simulationMarket(market, unit),
      contracts: simulationTerms({ kind: 'european', type: simulation.type }, terms, unit),
    },
    request,
  );
  return simulatedIn(unit, shared);
}

/** In the currency of the unit. */
function simulatedIn(
  unit: number,
  { outputs, error, cost }: SharedFigures<'price' | 'variance'>,
): SharedSimulation {
  const { absolute, known } = error.price;
  return {
    price: outputs.price[0]! * unit,
    // A variance of nothing may open a little below it.
    standardError: Math.sqrt(Math.max(0, outputs.variance[0]!)) * unit,
    error: { absolute: absolute * unit, known },
    cost,
  };
}

/** Between products of Newton's iterations: what masks of three parties hide. */
const IMPLIED_VOL_BITS = 34;
/** Largest error of a converged vol over the default domain, measured on thousands of options. */
const IMPLIED_VOL_ERROR: ErrorBound = { absolute: 2e-7, known: 'measured' };

/**
 * Implied volatilities of calls on shares: forwards and undiscounted quotes of one owner, strikes and expiries of another. See `sharedImpliedVol`: where
 * `converged` is 0, a vol is the edge of the domain and no solution. For small batches: some 600 rounds, or 2000 where parties may deviate.
 */
export async function impliedVolsOnShares(
  request: SharedOptions & {
    readonly quotes: { readonly forward: Float64Array; readonly quote: Float64Array };
    readonly terms: { readonly strike: Float64Array; readonly expiryYears: Float64Array };
    readonly unit: number;
  },
): Promise<SharedFigures<'vol' | 'converged'>> {
  const { quotes, terms, unit } = request;
  const shared = await runShared(
    sharedImpliedVol(terms.strike.length),
    { market: quoteFeatures(quotes, unit), contracts: strikeFeatures(terms, unit) },
    request,
    IMPLIED_VOL_BITS,
  );
  return { ...shared, error: { ...shared.error, vol: IMPLIED_VOL_ERROR } };
}

/** Plans a circuit whose inputs are of two owners, and rehearses it in this process. */
async function runShared<O extends string>(
  circuit: Circuit<string, O, Power>,
  owners: Readonly<Record<'market' | 'contracts', Readonly<Record<string, Float64Array>>>>,
  { parties = 3, threshold = Math.ceil(parties / 2) - 1, security, signal, onProgress }: SharedOptions,
  fractionBits?: number,
): Promise<SharedFigures<O>> {
  const declared = Object.keys(circuit.inputs);
  const all = { ...owners.market, ...owners.contracts };
  const plan = await planCircuit(circuit, {
    parties,
    threshold,
    ...(security === undefined ? {} : { security }),
    ...(fractionBits === undefined ? {} : { fractionBits }),
    owners: Object.fromEntries(
      declared.map((name) => [name, name in owners.market ? 'market' : 'contracts']),
    ),
    signal,
  });
  const inputs = Object.fromEntries(declared.map((name) => [name, all[name]!]));
  const { outputs, cost } = await runInProcess(plan, inputs, { signal, onProgress });
  const { bytesUp, bytesDown, rounds, messages } = cost;
  return { outputs, error: plan.error, cost: { bytesUp, bytesDown, rounds, messages }, plan: plan.digest };
}
