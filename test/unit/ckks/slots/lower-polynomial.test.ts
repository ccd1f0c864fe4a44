import { describe, expect, it } from 'vitest';
import type { ChebyshevSeries } from '../../../../src/algebra/arithmetic.ts';
import { seriesFor } from '../../../../src/algebra/series/library.ts';
import { depthOfDegree, scheduleOf } from '../../../../src/algebra/series/schedule-of.ts';
import { PlanError } from '../../../../src/base/errors.ts';
import { SlotProgramBuilder } from '../../../../src/ckks/slots/builder.ts';
import type { Linearisation, SlotRegister } from '../../../../src/ckks/slots/draft.ts';
import { within } from '../../../../src/ckks/slots/interval.ts';
import { lowerPolynomials } from '../../../../src/ckks/slots/lower-polynomial.ts';
import type { SlotOperation } from '../../../../src/ckks/slots/program.ts';
import { type BuiltProgram, tidy } from '../../../../src/ckks/slots/tidy.ts';
import { expansionAt } from '../../../../src/numeric/chebyshev/expansion.ts';
import { normalCdf, normalPdf } from '../../../../src/numeric/normal.ts';
import { sealPrimes } from '../../../../src/numeric/ntt-primes.ts';
import { degreesAndParities, randomSeries } from '../../../support/random-series.ts';
import { interpretSlots } from '../../../support/slot-interpreter.ts';

const slots = 32;
const primes = sealPrimes(16384, [48, ...Array<number>(9).fill(45)]);
const top = primes.length - 1;
const spec = { length: slots, blocks: 1, padding: 'zero' } as const;
const grid = (low: number, high: number) =>
  Float64Array.from({ length: slots }, (_, i) => low + ((high - low) * i) / (slots - 1));

type Inputs = Readonly<Record<string, Float64Array>>;

function start(domain: readonly [number, number], weights = 0, unit?: number) {
  const builder = new SlotProgramBuilder({ slots, primes, scaleBits: 45 });
  const half = 0.5 * (domain[1] - domain[0]);
  const reach = Math.max(Math.abs(domain[0]), Math.abs(domain[1]));
  const [x] = builder.input({ name: 'x', ...spec }, within(reach), unit ?? half);
  const inputs: Record<string, Float64Array> = { x: grid(...domain) };
  const factors = Array.from({ length: weights }, (_, i) => {
    inputs[`w${i}`] = grid(-1 + 0.1 * i, 1);
    return builder.input({ name: `w${i}`, ...spec }, within(1))[0]!;
  });
  return { builder, x: x!, factors, inputs };
}

function finish(builder: SlotProgramBuilder, registers: readonly SlotRegister[], inputs: Inputs) {
  const outputs = registers.map(({ index }, i) => ({ name: `y${i}`, length: slots, registers: [index] }));
  const built = tidy(builder.draft(), outputs);
  const values = interpretSlots(built.program, { slots, primes }, inputs).outputs;
  return { ...built, values: registers.map((_, i) => values[`y${i}`]!) };
}

const count = ({ program }: BuiltProgram, op: SlotOperation['op']): number =>
  program.instructions.filter((instruction) => instruction.op === op).length;

function expectValues(found: Float64Array, series: ChebyshevSeries, x: Float64Array, w?: Float64Array) {
  for (let i = 0; i < slots; i++) {
    const expected = expansionAt(series, x[i]!) * (w?.[i] ?? 1);
    expect(Math.abs(found[i]! - expected)).toBeLessThan(1e-13);
  }
}

describe('lowerPolynomials', () => {
  // The interpreter refuses an instruction whose level, scale or components do not follow from its arguments.
  it.each(
    degreesAndParities(127).filter(
      ([degree]) => degree < 20 || degree % 9 === 1 || [55, 63, 126, 127].includes(degree),
    ),
  )('writes degree %i, %s parity, alone and weighted, at the least depth', (degree, parity) => {
    const series = randomSeries(degree, parity, degree);
    for (const weighted of [false, true]) {
      const { builder, x, factors, inputs } = start(series.domain, weighted ? 1 : 0);
      const target = weighted ? { series, weight: factors[0]! } : { series };
      const [y] = lowerPolynomials(builder, x, [target]).map((pending) => builder.settle(pending));
      expect(top - y!.level).toBe(depthOfDegree(degree, weighted));
      expect(y!.scale / builder.scaleAt(y!.level)).toBeCloseTo(1, 12);
      const built = finish(builder, [y!], inputs);
      expectValues(built.values[0]!, series, inputs.x!, inputs.w0);
      const { cost } = scheduleOf(series, { weighted });
      expect(count(built, 'relinearise')).toBe(cost.relinearisations);
      expect(count(built, 'rescale')).toBe(cost.rescales);
    }
  });

  it.each<[readonly [number, number], number]>([
    [[-10, 10], 10],
    [[0.25, 4], 1.875],
    [[-3, 1], 2],
    [[100, 116], 8],
  ])('maps the domain [%s] to [-1, 1] without a level where the unit is its half-width', (domain, unit) => {
    const series = randomSeries(23, 'none', 5, domain);
    const { builder, x, inputs } = start(domain, 0, unit);
    const y = builder.settle(lowerPolynomials(builder, x, [{ series }])[0]!);
    expect(top - y.level).toBe(5);
    expectValues(finish(builder, [y], inputs).values[0]!, series, inputs.x!);
  });

  it('spends a level where the unit is another', () => {
    const series = randomSeries(23, 'none', 6, [-10, 10]);
    const { builder, x, inputs } = start(series.domain, 0, 1);
    const y = builder.settle(lowerPolynomials(builder, x, [{ series }])[0]!);
    expect(top - y.level).toBe(6);
    expectValues(finish(builder, [y], inputs).values[0]!, series, inputs.x!);
  });

  it('shares the powers of one argument between series', () => {
    const cdf = randomSeries(55, 'odd', 1);
    const pdf = randomSeries(54, 'even', 2);
    const { builder, x, factors, inputs } = start([-1, 1], 2);
    const targets = [
      { series: cdf, weight: factors[0]! },
      { series: pdf, weight: factors[1]! },
    ];
    const outputs = lowerPolynomials(builder, x, targets).map((pending) => builder.settle(pending));
    const built = finish(builder, outputs, inputs);
    expectValues(built.values[0]!, cdf, inputs.x!, inputs.w0);
    expectValues(built.values[1]!, pdf, inputs.x!, inputs.w1);
    expect(count(built, 'square')).toBe(5);
    const alone = scheduleOf(cdf, { weighted: true }).cost.relinearisations;
    const other = scheduleOf(pdf, { weighted: true }).cost.relinearisations;
    expect(count(built, 'relinearise')).toBeLessThanOrEqual(alone + other - 4);
  });

  it('evaluates the two series of a price with at most 25 relinearisations, the last one shared', () => {
    const { builder, x, factors, inputs } = start([-1, 1], 2);
    const [d2] = builder.input({ name: 'd2', ...spec }, within(1));
    const phi = seriesFor('normalCdf', [-10, 10], 1e-8);
    expect(phi.coefficients.length - 1).toBe(55);
    const odd = { ...phi, domain: [-1, 1] as const };
    const [first] = lowerPolynomials(builder, x, [{ series: odd, weight: factors[0]! }]);
    const [second] = lowerPolynomials(builder, d2!, [{ series: odd, weight: factors[1]! }]);
    const price = builder.settle(builder.sub(first!, second!));
    expect(top - price.level).toBe(6);
    const all = { ...inputs, d2: grid(-0.9, 0.8) };
    const built = finish(builder, [price], all);
    expect(count(built, 'relinearise')).toBe(23);
    const { values } = built;
    for (let i = 0; i < slots; i++) {
      const expected =
        inputs.w0![i]! * expansionAt(odd, inputs.x![i]!) - inputs.w1![i]! * expansionAt(odd, all.d2[i]!);
      expect(Math.abs(values[0]![i]! - expected)).toBeLessThan(1e-13);
    }
  });

  it('takes weights and arguments of different levels and of any scale', () => {
    const series = randomSeries(29, 'none', 9);
    const { builder, x, factors, inputs } = start([-1, 1], 2);
    const product = builder.multiply(factors[0]!, factors[1]!);
    const y = builder.settle(lowerPolynomials(builder, x, [{ series, weight: product, unit: 0.5 }])[0]!);
    expect(top - y.level).toBe(6);
    expect(y.scale / builder.scaleAt(y.level)).toBeCloseTo(2, 12);
    const w = inputs.w0!.map((a, i) => a * inputs.w1![i]!);
    expectValues(finish(builder, [y], inputs).values[0]!, series, inputs.x!, w);
  });

  it('says how its result is bounded and depends on what it reads', () => {
    const phi = seriesFor('normalCdf', [-10, 10], 1e-8);
    const { builder, x, factors } = start(phi.domain, 1);
    const [y] = lowerPolynomials(builder, x, [{ series: phi, weight: factors[0]! }]);
    expect(builder.boundOf(y!).high).toBeCloseTo(1, 7);
    expect(builder.boundOf(y!).low).toBeCloseTo(-1, 7);
    const [[byArgument, byWeight], , [bySquare]] = builder.draft().linearisations.get(y!.index)! as [
      Linearisation,
      Linearisation,
      Linearisation,
    ];
    expect(byArgument!.of).toBe(x.index);
    expect(byArgument!.sensitivity).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 6);
    expect(byWeight!.sensitivity).toBeCloseTo(1, 7);
    // u q'(T_2) for Phi(10 u) - 1/2 = u q(T_2(u)), by differences along T_2 at fixed u: (p' - p / u) / (4 u).
    let most = 0;
    for (let u = 1e-3; u <= 1; u += 1e-3) {
      const slope = (10 * normalPdf(10 * u) - (normalCdf(10 * u) - 0.5) / u) / (4 * u);
      most = Math.max(most, Math.abs(slope));
    }
    expect(bySquare!.sensitivity).toBeGreaterThan(most * 0.999);
    expect(bySquare!.sensitivity).toBeLessThan(most * 1.01);
  });

  it('leaves out what rounds to nothing, before the split is planned', () => {
    const series = randomSeries(40, 'none', 3);
    const coefficients = new Float64Array(64);
    coefficients.set(series.coefficients);
    coefficients[63] = 2 ** -50;
    const { builder, x } = start([-1, 1]);
    const y = builder.settle(lowerPolynomials(builder, x, [{ series: { ...series, coefficients } }])[0]!);
    expect(top - y.level).toBe(6);
    expect(builder.draft().plaintexts.every(({ values, scale }) => (values as number) * scale !== 0)).toBe(
      true,
    );
  });

  it('refuses different domains, no series, constants, and chains that are too short', () => {
    const { builder, x } = start([-1, 1]);
    const one = { series: randomSeries(3, 'none', 1) };
    const other = { series: randomSeries(3, 'none', 1, [-2, 2]) };
    expect(() => lowerPolynomials(builder, x, [one, other])).toThrow(PlanError);
    expect(() => lowerPolynomials(builder, x, [])).toThrow(PlanError);
    const constant = { series: { ...one.series, coefficients: Float64Array.of(1) } };
    expect(() => lowerPolynomials(builder, x, [constant])).toThrow(/constant/);
    const low = builder.dropTo(x, 2);
    expect(() => lowerPolynomials(builder, low, [{ series: randomSeries(31, 'none', 1) }])).toThrow(/levels/);
  });
});
