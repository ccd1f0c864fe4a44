import { pathToFileURL } from 'node:url';
import type { SviSurface } from '../../src/domain/market.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { type HestonInputs, hestonGreeks, hestonPrices } from '../../src/pricing/models/heston.ts';
import { type SabrInputs, sabrVols } from '../../src/pricing/models/sabr.ts';
import { type SviSlice, sviSmile, sviTotalVariance } from '../../src/pricing/models/svi.ts';
import { sviArbitrage } from '../../src/pricing/models/svi-arbitrage.ts';
import { calibrateSvi } from '../../src/pricing/models/svi-calibration.ts';
import { impliedVol, volSurface } from '../../src/pricing/surface.ts';
import { hestonInputsOf } from '../../test/support/heston.ts';
import { readVectors } from '../../test/support/vectors.ts';
import { type HestonOption, NODES, textbookHestonPrice } from '../baselines/textbook-heston.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import { onThisMachine } from '../harness/machine.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';

/** Options/s under Heston, points/s of SVI, SABR and surfaces, calibrations/s. */
export const suite: BenchSuite = { name: 'models', run };

const EXPIRIES = 8;
const STRIKES = 50;
const POINTS = 10_000;
const TEXTBOOK = `two integrals a strike, Simpson with ${NODES} intervals`;

async function run(report: (row: BenchRow) => void): Promise<void> {
  const measured = (
    name: string,
    unit: string,
    work: number,
    sample: Timings,
    more: Partial<Measurement> & { readonly against?: Timings; readonly againstWork?: number },
  ): void => {
    const { against, againstWork = work, ...rest } = more;
    const rates = sample.map((seconds) => work / seconds);
    const rate = work / median(sample);
    report(
      onThisMachine({
        suite: suite.name,
        case: name,
        metric: 'throughput',
        value: rate,
        unit,
        n: rates.length,
        min: Math.min(...rates),
        max: Math.max(...rates),
        ...(against && { ratio: (rate * median(against)) / againstWork }),
        ...rest,
      }),
    );
  };
  heston(measured);
  smiles(measured);
}

type Measured = (
  name: string,
  unit: string,
  work: number,
  sample: Timings,
  more: Partial<Measurement> & { readonly against?: Timings; readonly againstWork?: number },
) => void;

function heston(measured: Measured): void {
  const file = readVectors('heston.csv');
  const references = hestonInputsOf(file);
  const error = worst(hestonPrices(references), file.numbers('price'), references.spot);
  if (!(error < 1e-12)) throw new Error(`prices are off by ${error} of the spot: not timed`);

  const chains = randomOptions(EXPIRIES, STRIKES);
  const loners = randomOptions(EXPIRIES * STRIKES, 1);
  const count = EXPIRIES * STRIKES;
  // The baseline takes milliseconds an option: it prices every fifth.
  const plain = plainOptions(chains).filter((_, i) => i % 5 === 0);
  const found = hestonPrices(chains).filter((_, i) => i % 5 === 0);
  const baselineError = worst(
    Float64Array.from(plain, textbookHestonPrice),
    found,
    Float64Array.from(plain, (o) => o.spot),
  );
  if (!(baselineError < 1e-6)) throw new Error(`the baseline is off by ${baselineError} of the spot`);
  const { timings } = interleave({
    chains: () => hestonPrices(chains)[count - 1]!,
    greeks: () => hestonGreeks(chains).gamma[count - 1]!,
    loners: () => hestonPrices(loners)[count - 1]!,
    textbook: () => plain.reduce((sum, option) => sum + textbookHestonPrice(option), 0),
  });
  const more = {
    against: timings.textbook,
    againstWork: plain.length,
    baseline: `${TEXTBOOK}, error ${baselineError.toExponential(0)} S`,
    error,
  };
  const parameters = { expiries: EXPIRIES, strikes: STRIKES, cores: 1 };
  measured('Heston price, 50 strikes an expiry', 'options/s', count, timings.chains, { ...more, parameters });
  measured('Heston price + 5 Greeks, 50 strikes an expiry', 'options/s', count, timings.greeks, {
    ...more,
    parameters,
  });
  measured('Heston price, every option alone', 'options/s', count, timings.loners, {
    ...more,
    parameters: { ...parameters, expiries: count, strikes: 1 },
  });
}

function smiles(measured: Measured): void {
  const random = new SeededRandom(5);
  const column = (of: () => number): Float64Array => Float64Array.from({ length: POINTS }, of);
  const slice: SviSlice = { a: 0.02, b: 0.1, rho: -0.4, m: 0.05, sigma: 0.2 };
  const surface: SviSurface = {
    model: 'svi',
    slices: [0.1, 0.25, 0.5, 1, 2, 3].map((t) => ({ ...slice, t, a: 0.02 * t, b: 0.1 * Math.sqrt(t) })),
  };
  const k = column(() => random.between(-1, 1));
  const t = column(() => random.between(0.05, 3.5));
  const { impliedVols } = volSurface(surface);
  const vols = impliedVols(k, t);
  vols.forEach((vol, i) => {
    if (vol !== impliedVol(surface, k[i]!, t[i]!))
      throw new Error(`the surface differs at point ${i}: not timed`);
  });
  const sabr: SabrInputs = {
    forward: column(() => 100),
    strike: k.map((at) => 100 * Math.exp(at)),
    expiryYears: column(() => random.between(0.1, 3)),
    alpha: column(() => random.between(1, 3)),
    beta: column(() => 0.5),
    nu: column(() => random.between(0.1, 1)),
    rho: column(() => random.between(-0.7, 0.3)),
  };
  const sabrError = worst(sabrVols(sabr), textbookSabr(sabr), sabr.beta);
  if (!(sabrError < 1e-11)) throw new Error(`SABR is off by ${sabrError}: not timed`);
  const strikes = Float64Array.from({ length: 20 }, (_, i) => (i - 10) / 12);
  const quotes = { k: strikes, totalVariance: strikes.map((at) => sviTotalVariance(slice, at)) };
  const fit = calibrateSvi(quotes);
  const recovered = Math.abs(fit.slice.sigma - slice.sigma);
  if (!(recovered < 1e-8)) throw new Error(`the calibration is off by ${recovered}: not timed`);

  const last = POINTS - 1;
  const { timings } = interleave({
    smile: () => sviSmile(slice, k).durrleman[last]!,
    surface: () => impliedVols(k, t)[last]!,
    scalar: () => k.reduce((sum, at, i) => sum + impliedVol(surface, at, t[i]!), 0),
    sabr: () => sabrVols(sabr)[last]!,
    sabrPlain: () => textbookSabr(sabr)[last]!,
    arbitrage: () => sviArbitrage(slice).minimumTotalVariance,
    calibration: () => calibrateSvi(quotes).rootMeanSquare,
  });
  measured('SVI total variance, derivatives and g', 'points/s', POINTS, timings.smile, {});
  measured('SVI surface, six slices', 'points/s', POINTS, timings.surface, {
    against: timings.scalar,
    baseline: 'impliedVol, which checks the surface at every point',
    error: 0,
  });
  measured('SABR vol', 'points/s', POINTS, timings.sabr, {
    against: timings.sabrPlain,
    baseline: 'equation 2.17 as printed',
    error: sabrError,
  });
  measured('SVI arbitrage check of the whole line', 'slices/s', 1, timings.arbitrage, {});
  measured('SVI calibration, 20 quotes', 'slices/s', 1, timings.calibration, { error: recovered });
}

function worst(found: Float64Array, expected: Float64Array, unit: Float64Array): number {
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!) / unit[i]!), 0);
}

/** Equity-like: two weeks to two years, strikes within two deviations. */
function randomOptions(expiries: number, strikes: number): HestonInputs {
  const random = new SeededRandom(1);
  const rows = Array.from({ length: expiries }, () => {
    const model = [
      random.between(14 / 365, 2),
      0.03,
      0.01,
      random.between(0.02, 0.2),
      random.between(0.5, 4),
      random.between(0.02, 0.2),
      random.between(0.2, 0.8),
      random.between(-0.8, -0.2),
    ] as const;
    return Array.from({ length: strikes }, () => {
      const deviations = random.between(-2, 2);
      const strike = 100 * Math.exp(deviations * Math.sqrt(model[3] * model[0]));
      return [random.pick([1, -1]), 100, strike, ...model];
    });
  }).flat();
  const column = (j: number): Float64Array => Float64Array.from(rows, (row) => row[j]!);
  return {
    sign: column(0),
    spot: column(1),
    strike: column(2),
    expiryYears: column(3),
    rate: column(4),
    dividendYield: column(5),
    initialVariance: column(6),
    meanReversion: column(7),
    longVariance: column(8),
    volOfVol: column(9),
    correlation: column(10),
  };
}

function plainOptions(inputs: HestonInputs): HestonOption[] {
  return Array.from(inputs.sign, (sign, i) => ({
    type: sign > 0 ? 'call' : 'put',
    spot: inputs.spot[i]!,
    strike: inputs.strike[i]!,
    t: inputs.expiryYears[i]!,
    r: inputs.rate[i]!,
    q: inputs.dividendYield[i]!,
    v0: inputs.initialVariance[i]!,
    kappa: inputs.meanReversion[i]!,
    theta: inputs.longVariance[i]!,
    sigma: inputs.volOfVol[i]!,
    rho: inputs.correlation[i]!,
  }));
}

/** Hagan et al. (2002), equation 2.17, symbol by symbol. */
function textbookSabr(inputs: SabrInputs): Float64Array {
  return inputs.strike.map((K, i) => {
    const F = inputs.forward[i]!;
    const t = inputs.expiryYears[i]!;
    const alpha = inputs.alpha[i]!;
    const beta = inputs.beta[i]!;
    const nu = inputs.nu[i]!;
    const rho = inputs.rho[i]!;
    const L = Math.log(F / K);
    const mid = (F * K) ** ((1 - beta) / 2);
    const z = (nu / alpha) * mid * L;
    const x = Math.log((Math.sqrt(1 - 2 * rho * z + z * z) + z - rho) / (1 - rho));
    const wings = 1 + ((1 - beta) ** 2 / 24) * L ** 2 + ((1 - beta) ** 4 / 1920) * L ** 4;
    const correction =
      (((1 - beta) ** 2 / 24) * alpha ** 2) / mid ** 2 +
      (0.25 * rho * beta * nu * alpha) / mid +
      ((2 - 3 * rho ** 2) / 24) * nu ** 2;
    return (alpha / (mid * wings)) * (z / x) * (1 + correction * t);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(JSON.stringify(row)));
}
