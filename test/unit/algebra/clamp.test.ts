import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BandedForm, clampToBands, clampToInterval } from '../../../src/algebra/clamp.ts';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';

const finite = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const band = fc.tuple(finite(3), fc.double({ min: 0, max: 2, noNaN: true }));
const oneForm = fc.record({
  limit: fc.double({ min: 0.1, max: 5, noNaN: true }),
  terms: fc.array(fc.tuple(band, finite(3)), { maxLength: 3 }),
  pivot: band,
});
type Ends = readonly [low: number, width: number];
type OneForm = {
  readonly limit: number;
  readonly terms: readonly (readonly [partner: Ends, own: number])[];
  readonly pivot: Ends;
};

const bandOf = ([low, width]: Ends) => ({
  low: Float64Array.of(low),
  high: Float64Array.of(low + width),
});
const formOf = ({ limit, terms, pivot }: OneForm): BandedForm => ({
  limit,
  terms: terms.map(([partner, own]) => ({ partner: bandOf(partner), own: Float64Array.of(own) })),
  pivot: bandOf(pivot),
});
/** Largest |f| over the corners of the box, where a multilinear function is largest. */
function worst({ terms, pivot }: OneForm, v: number): number {
  const factors = [...terms.map(([b, own]) => [b, own] as const), [pivot, v] as const];
  let [most, least] = [0, 0];
  for (const [[low, width], own] of factors) {
    most += Math.max(low * own, (low + width) * own);
    least += Math.min(low * own, (low + width) * own);
  }
  return Math.max(most, -least);
}

describe('clampToBands', () => {
  it('guarantees every form for all that the bands allow, and moves nothing that was safe', () => {
    fc.assert(
      fc.property(fc.array(oneForm, { minLength: 1, maxLength: 3 }), finite(10), (forms, v) => {
        const safe = (at: number, slack = 0) =>
          forms.every((form) => worst(form, at) <= form.limit * (1 + slack));
        let result: ReturnType<typeof clampToBands>;
        try {
          result = clampToBands('v', Float64Array.of(v), forms.map(formOf));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          // Refused: no value on a grid is safe with room to spare.
          for (let at = -12; at <= 12; at += 0.01) expect(safe(at, -1e-9)).toBe(false);
          return;
        }
        const moved = result.values[0]!;
        expect(safe(moved, 1e-12)).toBe(true);
        if (safe(v, -1e-9)) expect(result).toEqual({ values: Float64Array.of(v), clamped: 0 });
        // As little as is needed: halfway back is not safe.
        if (moved !== v) {
          expect(result.clamped).toBe(1);
          expect(safe(moved + 1e-6 * (v - moved), -1e-9) && Math.abs(v - moved) > 1e-3).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('counts what it moved and names the element that it cannot save, never its value', () => {
    const one = (value: number) => ({
      low: Float64Array.of(value, value),
      high: Float64Array.of(value, value),
    });
    const form: BandedForm = { limit: 1, terms: [], pivot: one(2) };
    const { values, clamped } = clampToBands('v', Float64Array.of(0.25, -7), [form]);
    expect(clamped).toBe(1);
    expect(values[0]).toBe(0.25);
    expect(values[1]).toBeCloseTo(-0.5, 11);
    const hopeless: BandedForm = {
      limit: 1,
      terms: [
        { partner: { low: Float64Array.of(0, -9), high: Float64Array.of(0, 9) }, own: Float64Array.of(1, 1) },
      ],
      pivot: one(2),
    };
    const secret = Float64Array.of(0.1, 0.123456789);
    expect(() => clampToBands('lnK', secret, [hopeless])).toThrow(/lnK: no value of element 1 keeps/);
    expect(() => clampToBands('lnK', secret, [hopeless])).not.toThrow(/0\.1234/);
  });

  it('refuses bands of other lengths, upside down or not finite, and features that are not numbers', () => {
    const flat = (...values: number[]) => ({
      low: Float64Array.of(...values),
      high: Float64Array.of(...values),
    });
    const v = Float64Array.of(0, 0);
    const call = (form: Partial<BandedForm>, x = v) =>
      clampToBands('v', x, [{ limit: 1, terms: [], pivot: flat(1, 1), ...form }]);
    expect(() => call({ pivot: flat(1) })).toThrow(ShapeError);
    expect(() => call({ pivot: flat(1, NaN) })).toThrow(/not finite at element 1/);
    expect(() => call({ pivot: { low: Float64Array.of(0, 1), high: Float64Array.of(0, 0) } })).toThrow(
      /upside down at element 1/,
    );
    expect(() => call({ limit: 0 })).toThrow(/positive finite limit/);
    expect(() => call({}, Float64Array.of(0, NaN))).toThrow(/element 1 is not finite/);
    expect(() => call({}, Float64Array.of(Infinity, 0))).toThrow(/element 0 is not finite/);
  });
});

describe('clampToInterval', () => {
  it('moves what lies outside to the nearer end and counts it', () => {
    const { values, clamped } = clampToInterval('x', Float64Array.of(-3, -1, 0.5, 2, Infinity), [-1, 1]);
    expect([...values]).toEqual([-1, -1, 0.5, 1, 1]);
    expect(clamped).toBe(3);
  });

  it('refuses NaN and an interval that is none', () => {
    expect(() => clampToInterval('x', Float64Array.of(0, NaN), [-1, 1])).toThrow(/element 1 is not a number/);
    expect(() => clampToInterval('x', Float64Array.of(0), [1, -1])).toThrow(RangeError);
    expect(() => clampToInterval('x', Float64Array.of(0), [NaN, 1])).toThrow(RangeError);
  });
});
