import { describe, expect, it } from 'vitest';
import { fillRandom, randomBytes, randomNormals } from '../../../src/base/random.ts';

describe('fillRandom', () => {
  it('fills beyond 65,536 bytes, to the last one', () => {
    const bytes = fillRandom(new Uint8Array(3 * 65_536 + 5));
    // Each of 16 bytes at either side of a boundary is zero with 2^-8; all 16 of one window with 2^-128.
    for (const end of [16, 65_536, 65_552, 131_072, 131_088, 196_608, bytes.length]) {
      const window = bytes.subarray(end - 16, end);
      expect(
        window.some((byte) => byte !== 0),
        `before ${end}`,
      ).toBe(true);
    }
    // Not one byte is left out: over 16 fills each is zero throughout with 2^-128.
    const seen = new Uint8Array(2 * 65_536 + 3);
    for (let round = 0; round < 16; round++) {
      fillRandom(new Uint8Array(seen.length)).forEach((byte, i) => {
        seen[i]! |= byte;
      });
    }
    expect(seen.indexOf(0)).toBe(-1);
    // The blocks are not copies of each other.
    expect(bytes.slice(0, 32)).not.toEqual(bytes.slice(65_536, 65_568));
  });

  it('uses every byte value about equally', () => {
    const counts = new Uint32Array(256);
    for (const byte of fillRandom(new Uint8Array(2 ** 20))) counts[byte]!++;
    const expected = 2 ** 12;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: mean 255, deviation 22.6; below 100 or above 450 with less than 1e-10.
    expect(chiSquare).toBeGreaterThan(100);
    expect(chiSquare).toBeLessThan(450);
  });

  it('fills the view and nothing around it, in any element type', () => {
    const buffer = new Uint8Array(64);
    const target = new BigUint64Array(buffer.buffer, 16, 4);
    expect(fillRandom(target)).toBe(target);
    expect(buffer.subarray(0, 16).every((byte) => byte === 0)).toBe(true);
    expect(buffer.subarray(48).every((byte) => byte === 0)).toBe(true);
    expect(target.every((word) => word !== 0n)).toBe(true);
    expect(fillRandom(new Uint32Array(4)).some((word) => word > 0xffff)).toBe(true);
  });

  it('never repeats', () => {
    expect(randomBytes(16)).not.toEqual(randomBytes(16));
    expect(randomBytes(0).length).toBe(0);
  });
});

describe('randomNormals', () => {
  const n = 400_000;
  const sigma = 3;
  const sample = randomNormals(n, sigma);
  const mean = (of: (z: number) => number): number => sample.reduce((sum, x) => sum + of(x / sigma), 0) / n;

  it('has the moments of N(0, sigma^2)', () => {
    // The mean of z^k has deviation sqrt(Var z^k / n): each bound is 7 of them, failing with less than 1e-11.
    const deviations = 7 / Math.sqrt(n);
    expect(Math.abs(mean((z) => z))).toBeLessThan(deviations);
    expect(Math.abs(mean((z) => z * z) - 1)).toBeLessThan(Math.sqrt(2) * deviations);
    expect(Math.abs(mean((z) => z ** 3))).toBeLessThan(Math.sqrt(15) * deviations);
    expect(Math.abs(mean((z) => z ** 4) - 3)).toBeLessThan(Math.sqrt(96) * deviations);
  });

  it('has the tails of N(0, sigma^2), which its moments hardly see', () => {
    for (const [level, probability] of [
      [0.5, 0.6170750774519738],
      [2, 0.04550026389635842],
      [3.5, 0.00046525815807105],
    ] as const) {
      const beyond = mean((z) => (Math.abs(z) > level ? 1 : 0));
      const deviation = Math.sqrt((probability * (1 - probability)) / n);
      expect(Math.abs(beyond - probability), `beyond ${level}`).toBeLessThan(8 * deviation);
    }
  });

  it('has independent neighbours, within a pair of Box-Muller and between pairs', () => {
    for (const lag of [1, 2]) {
      let sum = 0;
      for (let i = lag; i < n; i++) sum += (sample[i]! * sample[i - lag]!) / sigma ** 2;
      expect(Math.abs(sum / n), `lag ${lag}`).toBeLessThan(7 / Math.sqrt(n));
    }
  });

  it('is finite, cut at 8.6 sigma, and of the wanted length', () => {
    expect(sample.every((x) => Math.abs(x) < 8.6 * sigma)).toBe(true);
    for (const length of [0, 1, 2, 7]) expect(randomNormals(length, 1).length).toBe(length);
    expect([...randomNormals(3, 0)].map(Math.abs)).toEqual([0, 0, 0]);
  });
});
