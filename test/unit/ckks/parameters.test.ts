import { describe, expect, it } from 'vitest';
import { ParametersError } from '../../../src/base/errors.ts';
import {
  ckksParameters,
  MODULUS_CAP_BITS,
  modulusBits,
  PARAMETER_SETS,
  primeBitsOf,
  SEAL_PARAMETER_SETS,
  slotParameters,
} from '../../../src/ckks/parameters.ts';

describe('parameters', () => {
  it('never exceed the 2024 caps, special prime included', () => {
    expect(MODULUS_CAP_BITS).toEqual({ 2048: 53, 4096: 106, 8192: 214, 16384: 430, 32768: 868 });
    for (const set of SEAL_PARAMETER_SETS)
      expect(modulusBits(set)).toBeLessThanOrEqual(MODULUS_CAP_BITS[set.degree]);
  });

  it('are refused when too weak or malformed', () => {
    // SEAL's own table (2018) would accept 54 and 109 bits.
    expect(() => ckksParameters(2048, [54])).toThrow(ParametersError);
    expect(() => ckksParameters(4096, [36, 36], 37)).toThrow(/109 bits at degree 4096 exceeds .* 106/);
    expect(() => ckksParameters(4096, [])).toThrow(ParametersError);
    expect(() => ckksParameters(4096, [40, 40])).toThrow(/special prime/);
    expect(() => ckksParameters(8192, [10], undefined)).toThrow(/15 to 53 bits/);
    expect(() => ckksParameters(1024 as 2048, [26])).toThrow(/expected a degree/);
  });

  it('of a slot plan stay within what the kernels take, with the largest prime special', () => {
    const set = slotParameters(16384, 48, 45, 7);
    expect([primeBitsOf(set), modulusBits(set)]).toEqual([[48, 45, 45, 45, 45, 45, 45, 45, 49], 412]);
    expect(slotParameters(2048, 49, 40, 0).specialPrimeBits).toBeUndefined();
    expect(() => slotParameters(8192, 50, 40, 1)).toThrow(/at most 49 bits, found 50/);
    expect(() => slotParameters(8192, 48, 45, 4)).toThrow(/277 bits at degree 8192 exceeds .* 214/);
  });

  it('have a digest of their own', () => {
    expect(new Set(SEAL_PARAMETER_SETS.map(({ digest }) => digest)).size).toBe(SEAL_PARAMETER_SETS.length);
    expect(ckksParameters(4096, [43, 43], 20).digest).toBe(PARAMETER_SETS[2]!.digest);
  });
});
