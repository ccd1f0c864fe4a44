import { describe, expect, it } from 'vitest';
import { ParametersError } from '../../../src/base/errors.ts';
import {
  ckksParameters,
  MODULUS_CAP_BITS,
  modulusBits,
  PARAMETER_SETS,
} from '../../../src/ckks/parameters.ts';

describe('parameters', () => {
  it('never exceed the 2024 caps, special prime included', () => {
    expect(MODULUS_CAP_BITS).toEqual({ 2048: 53, 4096: 106, 8192: 214 });
    for (const set of PARAMETER_SETS)
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

  it('have a digest of their own', () => {
    expect(new Set(PARAMETER_SETS.map(({ digest }) => digest)).size).toBe(PARAMETER_SETS.length);
    expect(ckksParameters(4096, [43, 43], 20).digest).toBe(PARAMETER_SETS[1]!.digest);
  });
});
