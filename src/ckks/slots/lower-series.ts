import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import { plainAlgebra } from '../../algebra/plain.ts';
import type { SlotProgramBuilder } from './builder.ts';
import { mulIntervals } from './interval.ts';
import { type Gap, gapSlots, spread } from './layout.ts';
import type { SlotVector } from './lower.ts';
import { lowerPolynomials } from './lower-polynomial.ts';
import { mask } from './lower-sum.ts';

/**
 * p(x), or w p(x), for every block of a vector. Slots that hold no element must lie in the domain too, or they would leave the
 * modulus: known ones are moved to its middle by a public sum, others are masked first, which costs a level.
 */
export function lowerSeries(
  builder: SlotProgramBuilder,
  series: ChebyshevSeries,
  x: SlotVector,
  unit: number,
  weight?: SlotVector,
): SlotVector | Float64Array {
  const constant = series.coefficients.subarray(1).every((c) => c === 0);
  if (constant && weight === undefined)
    return new Float64Array(x.layout.length).fill(series.coefficients[0]!);
  const inside = withinDomain(builder, series, x);
  const registers = inside.registers.map((register, k) => {
    const by = weight === undefined ? {} : { weight: weight.registers[k]! };
    return lowerPolynomials(builder, builder.settle(register), [{ series, unit, ...by }])[0]!;
  });
  const gap = gapOf(series, inside.gap);
  return { ...x, registers, gap: weight === undefined ? gap : timesGap(gap, weight.gap) };
}

function withinDomain(builder: SlotProgramBuilder, series: ChebyshevSeries, x: SlotVector): SlotVector {
  const [low, high] = series.domain;
  if (gapSlots(x.layout) === 0) return x;
  if (typeof x.gap === 'number') {
    if (x.gap >= low && x.gap <= high) return x;
    const gap = 0.5 * (low + high);
    const shift = spread(new Float64Array(x.layout.length), builder.chain.slots, gap - x.gap);
    return {
      ...x,
      gap,
      registers: x.registers.map((register, k) => builder.addPlain(register, shift[k]!)),
    };
  }
  if (x.gap.low >= low && x.gap.high <= high) return x;
  return withinDomain(builder, series, { ...x, gap: 0, registers: mask(builder, x) });
}

function gapOf(series: ChebyshevSeries, gap: Gap): Gap {
  if (typeof gap === 'number') return plainAlgebra.poly(series, Float64Array.of(gap))[0]!;
  const most = series.coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
  return { low: -most, high: most };
}

function timesGap(a: Gap, b: Gap): Gap {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  const interval = (gap: Gap) => (typeof gap === 'number' ? { low: gap, high: gap } : gap);
  return mulIntervals(interval(a), interval(b));
}
