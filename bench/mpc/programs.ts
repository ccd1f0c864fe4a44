import type { Circuit, Power } from '../../src/algebra/circuit.ts';
import { executePlain } from '../../src/algebra/execute.ts';
import type { Security } from '../../src/mpc/index.ts';
import { type Matrix, matrixOf, matVec } from '../../src/numeric/matrix.ts';
import { expectedShortfall, sortedLosses, valueAtRisk } from '../../src/numeric/quantile.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { allocateGreeks, blackScholesGreeks } from '../../src/pricing/black-scholes.ts';
import { simulateAmerican } from '../../src/pricing/montecarlo/longstaff-schwartz.ts';
import { simulate } from '../../src/pricing/montecarlo/simulate.ts';
import { jointRisk, secretFiguresCircuit } from '../../src/risk/index.ts';
import { encryptedBlackScholes } from '../../src/risk/pricing/encrypted-black-scholes.ts';
import { contractFeatures, marketFeatures } from '../../src/risk/pricing/features.ts';
import { DEFAULT_PRICING_DOMAIN } from '../../src/risk/pricing/reference.ts';
import { sharedAmerican } from '../../src/risk/pricing/shared-american.ts';
import {
  sharedSimulation,
  simulationMarket,
  simulationTerms,
} from '../../src/risk/pricing/shared-simulation.ts';

/** A program on shares, its inputs, and the same figures by the plaintext engine. */
export type Program = {
  readonly name: string;
  readonly security: Security;
  readonly circuit: Circuit<string, string, Power>;
  readonly inputs: Readonly<Record<string, Float64Array>>;
  /** Items of which a rate is told; 1 for a time. */
  readonly count: number;
  readonly unit: string;
  /** In the clear, by the plaintext engine. */
  readonly plain: () => unknown;
  readonly baseline: string;
};

function pnlOf(random: SeededRandom, scenarios: number, coordinates: number): Matrix {
  return matrixOf(
    scenarios,
    coordinates,
    Float64Array.from({ length: scenarios * coordinates }, () => random.between(-1, 1)),
  );
}

function bookOf(random: SeededRandom, coordinates: number): Float64Array {
  const raw = Float64Array.from({ length: coordinates }, () => random.normal());
  const l1 = raw.reduce((sum, x) => sum + Math.abs(x), 0) * (1 + 1e-9);
  return raw.map((x) => x / l1);
}

export function figures(): Program {
  const random = new SeededRandom(1);
  const pnl = pnlOf(random, 500, 200);
  const book = bookOf(random, 200);
  const circuit = secretFiguresCircuit(pnl, {
    var_99: { kind: 'valueAtRisk', level: 0.99 },
    es_975: { kind: 'expectedShortfall', level: 0.975 },
    worst: { kind: 'worst' },
  });
  return {
    name: 'VaR 99, ES 97.5 and worst of 500 scenarios, 200 coordinates',
    security: 'malicious',
    circuit,
    inputs: { book },
    count: 1,
    unit: 'ms',
    baseline: 'the same in the clear',
    plain: () => {
      const losses = sortedLosses(matVec(pnl, book));
      return [valueAtRisk(losses, 0.99), expectedShortfall(losses, 0.975), losses.at(-1)];
    },
  };
}

export function consortium(): Program {
  const random = new SeededRandom(2);
  const firms = ['A', 'B', 'C', 'D'];
  const pnl = pnlOf(random, 250, 50);
  const columnScale = new Float64Array(50).fill(1);
  const { circuit } = jointRisk({ pnl, columnScale }, firms, { limit: 1, level: 0.975 });
  const inputs = Object.fromEntries(firms.map((firm) => [`book of ${firm}`, bookOf(random, 50)]));
  return {
    name: 'joint VaR, ES, worst and components of 4 firms, 250 scenarios',
    security: 'malicious',
    circuit,
    inputs,
    count: 1,
    unit: 'ms',
    baseline: 'the circuit in the clear',
    plain: () => executePlain(circuit, inputs),
  };
}

export function prices(security: Security): Program {
  const random = new SeededRandom(3);
  const length = 1000;
  const column = (of: (i: number) => number) => Float64Array.from({ length }, (_, i) => of(i));
  const expiryYears = column(() => random.between(0.1, 2));
  const vol = column(() => random.between(0.15, 0.5));
  const strike = column(() => random.between(75, 130));
  const sign = column((i) => (i % 2 === 0 ? 1 : -1));
  const spot = column(() => 100);
  const zero = column(() => 0);
  const reference = {
    forward: spot,
    vol,
    forwardBand: column(() => 0.01),
    volBand: 0.05,
    discount: column(() => 1),
  };
  const outputs = ['price', 'cashDelta', 'cashGamma', 'vega'] as const;
  const circuit = encryptedBlackScholes({ length, outputs, seriesError: 1e-9 });
  const market = marketFeatures({ forward: spot, vol }, reference, DEFAULT_PRICING_DOMAIN);
  const terms = contractFeatures({ sign, strike, expiryYears }, reference, DEFAULT_PRICING_DOMAIN);
  const out = allocateGreeks(length);
  const inputs = { sign, spot, strike, expiryYears, vol, rate: zero, dividendYield: zero };
  return {
    name: 'Black-Scholes price, delta, gamma, vega, 1000 options',
    security,
    circuit,
    inputs: { ...market, ...terms.features },
    count: length,
    unit: 'options/s',
    baseline: 'plaintext engine',
    plain: () => blackScholesGreeks(inputs, out),
  };
}

export function paths(security: Security): Program {
  const fractions = Array.from({ length: 12 }, (_, d) => (d + 1) / 12);
  const count = 2000;
  const circuit = sharedSimulation({
    payoff: { kind: 'asian', type: 'call' },
    sampling: { seed: 5, paths: count, fractions },
    domain: { logSpot: 0.1, vol: 0.4, carry: 0.05, rate: 0.05, expiryYears: 1, strike: 1.5 },
  });
  const market = {
    spots: Float64Array.of(102),
    vols: Float64Array.of(0.3),
    dividendYields: Float64Array.of(0.01),
    rate: 0.03,
  };
  const terms = { strike: 100, expiryYears: 1 };
  return {
    name: 'Monte Carlo of an Asian call, 2000 paths of 12 steps',
    security,
    circuit,
    inputs: {
      ...simulationMarket(market, 100),
      ...simulationTerms({ kind: 'asian', type: 'call' }, terms, 100),
    },
    count: count * fractions.length,
    unit: 'path-steps/s',
    baseline: 'plaintext engine, same paths',
    plain: () =>
      simulate({
        market: { spots: [102], vols: [0.3], dividendYields: [0.01], rate: 0.03 },
        times: fractions,
        payoff: { kind: 'asian', average: 'arithmetic', type: 'call', strike: 100 },
        sampling: { kind: 'pseudo', seed: 5, paths: count },
      }),
  };
}

export function american(security: Security): Program {
  const fractions = Array.from({ length: 10 }, (_, d) => (d + 1) / 10);
  const count = 1000;
  // With this seed no two values that are compared are nearer than their errors: shares and clear decide alike.
  const seed = 5;
  const circuit = sharedAmerican({
    type: 'put',
    sampling: { seed, paths: count, fractions },
    domain: { logSpot: 0.1, vol: 0.3, carry: 0.06, rate: 0.06, expiryYears: 1, strike: 1.2 },
  });
  const market = {
    spots: Float64Array.of(100),
    vols: Float64Array.of(0.2),
    dividendYields: Float64Array.of(0),
    rate: 0.05,
  };
  const terms = { strike: 100, expiryYears: 1 };
  return {
    name: 'American put by Longstaff and Schwartz, 1000 paths of 10 dates',
    security,
    circuit,
    inputs: {
      ...simulationMarket(market, 100),
      ...simulationTerms({ kind: 'european', type: 'put' }, terms, 100),
    },
    count: count * fractions.length,
    unit: 'path-dates/s',
    baseline: 'plaintext engine: a rule from as many paths, a price from as many others',
    plain: () =>
      simulateAmerican({
        market: { spots: [100], vols: [0.2], dividendYields: [0], rate: 0.05 },
        type: 'put',
        strike: 100,
        expiryYears: 1,
        dates: fractions.length,
        trainingPaths: count,
        sampling: { kind: 'pseudo', seed, paths: count },
      }),
  };
}
