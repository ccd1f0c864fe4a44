import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/base/errors.ts';
import { digitSum, LAZY_PRIMES, lazySum, loadRing, type RingKernels } from '../../../src/kernels/ring.ts';
import * as fused from '../../../src/kernels/ring.wasm.ts';
import { type RingTwin, ringTwin } from '../../../src/kernels/ring-twin.ts';
import * as unfused from '../../../src/kernels/ring-unfused.wasm.ts';
import { reserve } from '../../../src/kernels/wasm-module.ts';
import { inverseMod } from '../../../src/numeric/modular.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { residues, ringBuilds, rootTable } from '../../support/ring.ts';

const MEMORY = 2 ** 22;
/** Operands start here in every memory, the kernels' and the twin's. */
const BASE = 8192;

type Machine = Pick<RingKernels, keyof RingTwin>;

/** Runs a program on the memory of kernels or twin, after writing the same inputs. */
function run<T>(machine: Machine, inputs: readonly Float64Array[], program: (at: readonly number[]) => T): T {
  let next = BASE;
  const at = inputs.map((values) => {
    const address = next;
    new Float64Array(machine.memory.buffer, address, values.length).set(values);
    next = Math.ceil((next + 8 * values.length) / 16) * 16;
    return address;
  });
  return program([...at, next]);
}

/** `value`, after what was done to make it. */
const giving = <T>(value: T, _done: unknown): T => value;

const read = (machine: Machine, at: number, n: number) =>
  new Float64Array(machine.memory.buffer, at, n).slice();

/** Vectors of residues that are as bad as can be: extremes, alternating, and random ones. */
function vectors(n: number, p: number, seed: number): Float64Array[] {
  const random = new SeededRandom(seed);
  const half = (p - 1) / 2;
  const draw = () => Math.floor((random.u32() * 2 ** 21 + (random.u32() >>> 11)) * 2 ** -53 * p) - half;
  return [
    new Float64Array(n).fill(half),
    new Float64Array(n).fill(-half),
    Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? half : -half)),
    Float64Array.from({ length: n }, (_, i) => ((i >> 1) % 2 === 0 ? half : -half)),
    Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : 0)),
    Float64Array.from({ length: n }, draw),
  ];
}

const largest = (x: Float64Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const BITS = [20, 31, 40, 45, 48, 49];

describe.each(ringBuilds())('ring kernels, %s', (name, kernels) => {
  beforeAll(() => reserve(kernels.memory, MEMORY));
  const twin = ringTwin(MEMORY);

  /** The same program on both; both results as residues from 0 to p - 1, and those of the kernels no larger than they may be. */
  function compare(
    p: number,
    n: number,
    inputs: readonly Float64Array[],
    program: (machine: Machine, at: readonly number[]) => number,
    bound = 0.76,
  ): void {
    const found = run(kernels, inputs, (at) => read(kernels, program(kernels, at), n));
    const expected = run(twin, inputs, (at) => read(twin, program(twin, at), n));
    for (const value of found)
      if (!(Math.abs(value) <= bound * p)) expect.fail(`${value} exceeds ${bound} p`);
    expect(residues(found, p)).toEqual(residues(expected, p));
  }

  describe.each([64, 128])('at degree %d', (n) => {
    it.each(BITS)('transforms both ways, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const roots = rootTable(n, p);
      const scale = inverseMod(n, p) > p / 2 ? inverseMod(n, p) - p : inverseMod(n, p);
      const wide = new Float64Array(n).fill(2 ** 49);
      for (const x of [...vectors(n, p, bits), wide, wide.map((v, i) => (i % 3 === 0 ? -v : v))]) {
        for (const lazy of p < LAZY_PRIMES ? [0, 1] : [0]) {
          compare(
            p,
            n,
            [x, roots],
            (m, [a, w, out]) => giving(out!, m.forward(out!, a!, n, w!, p, 1 / p, lazy)),
            lazy === 1 ? (1.1 * largest(x)) / p + 8 : 0.501,
          );
        }
      }
      for (const x of vectors(n, p, bits)) {
        for (const centre of [0, 1]) {
          compare(
            p,
            n,
            [x.map((v) => Math.trunc(1.5 * v)), roots],
            (m, [a, w, out]) => {
              m.inverse(out!, a!, n, w!, p, 1 / p, scale, centre);
              const result = read(m, out!, n);
              const [low, high] = centre ? [-(p - 1) / 2, (p - 1) / 2] : [0, p - 1];
              for (const v of result) if (!(v >= low && v <= high)) expect.fail(`${v} is not in its range`);
              return out!;
            },
            1,
          );
        }
      }
    });

    it.each(BITS)('computes residue by residue, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const r = 1 / p;
      const list = vectors(n, p, bits);
      const c = list[5]!;
      for (const a of list) {
        for (const b of list) {
          const both = [a, b, c];
          compare(p, n, both, (m, [x, y, , out]) => giving(out!, m.add(out!, x!, y!, n, p, r)));
          compare(p, n, both, (m, [x, y, , out]) => giving(out!, m.sub(out!, x!, y!, n, p, r)));
          compare(p, n, both, (m, [x, y, , out]) => giving(out!, m.multiply(out!, x!, y!, n, p, r)));
          compare(p, n, both, (m, [x, y, , out]) =>
            giving(out!, m.subMultiply(out!, x!, y!, c[0]!, n, p, r)),
          );
          if (p < LAZY_PRIMES) {
            // What a division subtracts: centred residues of another prime, transformed and not reduced.
            const lazy = b.map((v) => Math.trunc((v / p) * 2 * (1.1 * 2 ** 48 + 8 * p)));
            const factor = (p - 1) / 2;
            compare(
              p,
              n,
              [a, lazy],
              (m, [x, y, out]) => giving(out!, m.subMultiply(out!, x!, y!, factor, n, p, r)),
              0.62,
            );
          }
          compare(p, n, both, (m, [x, y, z, out]) =>
            giving(out!, m.subMultiplyAdd(out!, x!, y!, c[1]!, z!, n, p, r)),
          );
          for (const part of [0, 1, 2]) {
            compare(p, n, both, (m, [x, y, z, out]) => {
              const d = [0, 1, 2].map((k) => out! + 8 * n * k);
              m.tensor(d[0]!, d[1]!, d[2]!, x!, y!, y!, z!, n, p, r);
              return d[part]!;
            });
            compare(p, n, both, (m, [x, y, , out]) => {
              const d = [0, 1, 2].map((k) => out! + 8 * n * k);
              m.tensorSquare(d[0]!, d[1]!, d[2]!, x!, y!, n, p, r);
              return d[part]!;
            });
          }
        }
        for (const factor of [0, 1, (p - 1) / 2, -(p - 1) / 2]) {
          compare(p, n, [a], (m, [x, out]) => giving(out!, m.affine(out!, x!, factor, -factor, n, p, r)));
        }
        compare(p, n, [a], (m, [x, out]) => giving(out!, m.negate(out!, x!, n)));
      }
    });

    it.each(BITS)('adds products exactly, few and many, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const { group, offset } = lazySum(p);
      const list = vectors(n, p, bits);
      for (const count of [0, 1, 2, 15, 16, 17, 40]) {
        // Terms as far as possible to one side, then a mixture.
        for (const pick of [() => 0, (k: number) => k % 2, (k: number) => k % list.length]) {
          const table = (m: Machine, at: readonly number[], width: number) => {
            const address = at.at(-1)!;
            const entries = new Uint32Array(m.memory.buffer, address, width * count);
            for (let k = 0; k < count; k++) {
              for (let e = 0; e < width; e++) entries[width * k + e] = at[pick(k + e)]!;
            }
            return address;
          };
          compare(p, n, list, (m, at) => {
            const out = at.at(-1)! + 4096;
            m.innerProduct(out, table(m, at, 2), count, group, offset, n, p, 1 / p);
            return out;
          });
          compare(p, n, list, (m, at) => {
            const terms = new DataView(m.memory.buffer, at.at(-1)!, 16 * count);
            for (let k = 0; k < count; k++) {
              terms.setUint32(16 * k, at[pick(k)]!, true);
              terms.setFloat64(16 * k + 8, list[pick(k + 1)]![k]!, true);
            }
            const out = at.at(-1)! + 4096;
            m.combine(out, at.at(-1)!, count, group, offset, n, p, 1 / p);
            return out;
          });
          for (const part of [0, 1]) {
            compare(p, n, list, (m, at) => {
              const out = at.at(-1)! + 4096;
              const triples = table(m, at, 3);
              m.innerProducts(out, out + 8 * n, triples, count, group, offset, n, p, 1 / p);
              return out + part * 8 * n;
            });
            compare(p, n, list, (m, at) => {
              const out = at.at(-1)! + 4096;
              const stream = out + 16 * n;
              const pairs = table(m, at, 2);
              for (let k = 0; k < count; k++) m.intoStream(stream + 32 * k, 32 * count, at[pick(k + 2)]!, n);
              for (const [from, to] of [
                [0, 12],
                [12, n],
              ] as const) {
                const sum = [count, group, offset, from, to, p, 1 / p] as const;
                m.innerProductsStream(out, out + 8 * n, pairs, stream, ...sum);
              }
              return out + part * 8 * n;
            });
          }
        }
      }
    });

    it.each(BITS)('multiplies digits by a key, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const { lazy, group, offset } = digitSum(p, 2 ** 49);
      const keys = vectors(n, p, bits);
      // Transformed digits as large as they may be.
      const most = lazy ? Math.floor(1.1 * 2 ** 49 + 8 * p) : (p - 1) / 2;
      const digits = keys.map((x) => x.map((v) => Math.trunc((v / p) * 2 * most)));
      for (const count of [0, 1, 14, 15, 33]) {
        for (const pick of [() => 0, (k: number) => k % keys.length]) {
          for (const part of [0, 1]) {
            compare(p, n, [...keys, ...digits], (m, at) => {
              const out = Math.ceil(at.at(-1)! / 16) * 16;
              const list = out + 16 * n;
              const stream = list + 512;
              // Room for one digit more than there are.
              const stride = 64 * (count + 1);
              new Uint32Array(m.memory.buffer, list, count).set(
                Array.from({ length: count }, (_, k) => at[6 + pick(k)]!),
              );
              for (let k = 0; k < count; k++) {
                for (const c of [0, 1]) m.intoStream(stream + 64 * k + 32 * c, stride, at[pick(k + c)]!, n);
              }
              const sum = [count, group, offset, n, p, 1 / p] as const;
              m.sumDigits(out, out + 8 * n, list, stream, stride, ...sum);
              return out + part * 8 * n;
            });
          }
        }
      }
    });

    it.each(BITS)('permutes and turns back, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const [, b, , , , a] = vectors(n, p, bits) as [
        Float64Array,
        Float64Array,
        never,
        never,
        never,
        Float64Array,
      ];
      const table = new Float64Array(n / 2);
      new Uint32Array(table.buffer).set(Array.from({ length: n }, (_, i) => (5 * i + 3) % n));
      compare(p, n, [a, table], (m, [x, t, out]) => giving(out!, m.permute(out!, x!, t!, n)));
      compare(p, n, [a, table, b], (m, [x, t, y, out]) =>
        giving(out!, m.permuteAdd(out!, x!, t!, y!, n, p, 1 / p)),
      );
      const positive = residues(a, p);
      positive[3] = 0;
      for (const element of [1, 3, 2 * n - 1, 2 * n - 3]) {
        compare(p, n, [positive], (m, [x, out]) => giving(out!, m.unrotate(out!, x!, element, n, p)), 1);
      }
    });

    it.each(BITS)('converts words, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      for (const a of vectors(n, p, bits)) {
        // At an odd address, as SEAL's serialization has them.
        compare(p, n, [a], (m, [x, out]) => {
          m.toWords(out! + 9, x!, n, p);
          expect(m.fromWords(out! + 16 * n, out! + 9, n, p)).toBeTruthy();
          return out! + 16 * n;
        });
        const words = run(kernels, [a], ([x, out]) => {
          kernels.toWords(out!, x!, n, p);
          return new BigUint64Array(kernels.memory.buffer, out!, n).slice();
        });
        expect(Array.from(words, Number)).toEqual(Array.from(residues(a, p)));
        for (const centre of [0, 1] as const) {
          const [found, expected] = [kernels, twin].map((m) =>
            run(m, [a], ([x, out]) => {
              m.normalise(out!, x!, n, centre, p);
              return read(m, out!, n);
            }),
          );
          expect(found).toEqual(expected);
        }
        for (const bytes of [Math.ceil(bits / 8), 7]) {
          // Written by the kernels' other half, at an odd address.
          compare(p, n, [residues(a, p)], (m, [x, out]) => {
            m.packLeading(out! + 16 * n + 1, x!, n, 1, bytes);
            expect(m.fromBytes(out!, out! + 16 * n + 1, n, bytes, p)).toBeTruthy();
            return out!;
          });
        }
        const unit = 2 ** -3;
        for (const bytes of [4, 6]) {
          const packed = [kernels, twin].map((m) =>
            run(m, [residues(a, p)], ([x, out]) => {
              m.packLeading(out!, x!, n, unit, bytes);
              return new Uint8Array(m.memory.buffer, out!, n * bytes).slice();
            }),
          );
          expect(packed[0]).toEqual(packed[1]);
        }
      }
    });

    it.each(BITS)('refuses words that are no residues, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      for (const bad of [
        BigInt(p),
        BigInt(p) + 1n,
        2n ** 52n,
        2n ** 53n,
        2n ** 62n + 1n,
        2n ** 63n,
        2n ** 64n - 1n,
      ]) {
        for (const position of [0, 1, n - 1]) {
          const words = new BigUint64Array(n).fill(5n);
          words[position] = bad;
          const answer = run(kernels, [new Float64Array(words.buffer)], ([x, out]) => {
            new BigUint64Array(kernels.memory.buffer, x!, n).set(words);
            return kernels.fromWords(out!, x!, n, p);
          });
          expect(Boolean(answer), `${bad}`).toBe(false);
          if (bad >= 2n ** 56n) continue;
          const short = run(kernels, [new Float64Array(n)], ([x, out]) => {
            const octets = new Uint8Array(kernels.memory.buffer, x!, 7 * n);
            for (let b = 0; b < 7; b++) octets[7 * position + b] = Number((bad >> BigInt(8 * b)) & 255n);
            return kernels.fromBytes(out!, x!, n, 7, p);
          });
          expect(Boolean(short), `${bad} in 7 bytes`).toBe(false);
        }
      }
    });

    it.each(BITS)('reduces random words and stops where SEAL draws again, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const random = new SeededRandom(bits);
      const limit = 2n ** 64n - 1n - ((2n ** 64n - 1n) % BigInt(p)) - 1n;
      const words = BigUint64Array.from(
        { length: n },
        () => (BigInt(random.u32()) << 32n) | BigInt(random.u32()),
      );
      words.set([0n, 1n, limit - 1n, BigInt(p), 2n ** 32n, 2n ** 32n - 1n, 2n ** 63n]);
      const power32 = (2 ** 32 % p) - (2 ** 32 % p > p / 2 ? p : 0);
      for (const stop of [n, 9, 10, 0]) {
        if (stop < n) words[stop] = limit;
        const results = [kernels, twin].map((m) =>
          run(m, [new Float64Array(n)], ([x, out]) => {
            new BigUint64Array(m.memory.buffer, x!, n).set(words);
            const taken = m.reduceWords(out!, x!, n, limit, p, 1 / p, power32);
            return { taken, values: residues(read(m, out!, taken), p) };
          }),
        );
        expect(results[0]).toEqual(results[1]);
        expect(results[0]!.taken).toBe(stop - (stop % 2));
        words[stop % n] = 7n;
      }
    });

    it.each(BITS)('reduces integers of any size that scales reach, %d bits', (bits) => {
      const [p] = sealPrimes(n, [bits]) as [number];
      const random = new SeededRandom(bits + 1);
      for (const size of [0, 30, 53, 60, 75, 90]) {
        const x = Float64Array.from({ length: n }, () =>
          Math.round((random.u32() * 2 ** -31 - 1) * 2 ** size),
        );
        compare(p, n, [x], (m, [a, out]) => giving(out!, m.reduceWide(out!, a!, n, p, 1 / p)));
        if (size <= 53) compare(p, n, [x], (m, [a, out]) => giving(out!, m.reduceAll(out!, a!, n, p, 1 / p)));
      }
    });
  });

  it.each([1024, 2048, 4096, 8192, 16384, 32768])('transforms extremes at degree %d', (n) => {
    for (const bits of n >= 16384 && name.startsWith('unfused') ? [49] : [30, 44, 49]) {
      const [p] = sealPrimes(n, [bits]) as [number];
      const roots = rootTable(n, p);
      const inverse = inverseMod(n, p);
      for (const x of vectors(n, p, n)) {
        // There and back, and four values against Horner's rule.
        run(kernels, [x, roots], ([a, w, out]) => {
          let lazy: Float64Array | undefined;
          if (p < LAZY_PRIMES) {
            kernels.forward(out!, a!, n, w!, p, 1 / p, 1);
            lazy = read(kernels, out!, n);
            expect(largest(lazy)).toBeLessThanOrEqual(1.1 * largest(x) + 8 * p);
          }
          kernels.forward(out!, a!, n, w!, p, 1 / p, 0);
          const values = read(kernels, out!, n);
          if (lazy !== undefined) expect(residues(lazy, p)).toEqual(residues(values, p));
          for (const value of values)
            if (!(Math.abs(value) <= 0.501 * p)) expect.fail(`${value} is not reduced`);
          for (const j of [0, 1, n / 2, n - 1]) {
            expect(((BigInt(values[j]!) % BigInt(p)) + BigInt(p)) % BigInt(p)).toBe(valueAt(x, roots, j, p));
          }
          kernels.inverse(out!, out!, n, w!, p, 1 / p, inverse > p / 2 ? inverse - p : inverse, 1);
          expect(read(kernels, out!, n)).toEqual(x.map((value) => value + 0));
        });
      }
    }
  });
});

/** Output j of the transform by the definition: the value at psi^(2 brv(j) + 1) = w[j]^2 w[1 in reverse] = w[j]^2 psi. */
function valueAt(x: Float64Array, roots: Float64Array, j: number, p: number): bigint {
  const modulus = BigInt(p);
  const psi = BigInt(roots[roots.length / 2]!);
  const point = (((BigInt(roots[j]!) ** 2n * psi) % modulus) + modulus) % modulus;
  let value = 0n;
  for (let i = x.length - 1; i >= 0; i--) value = (value * point + BigInt(x[i]!)) % modulus;
  return (value + modulus) % modulus;
}

describe('builds of the ring kernels', () => {
  it('are those of the manifest', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../../wasm/manifest.json', import.meta.url), 'utf8'),
    );
    for (const [name, { base64, sha256 }] of Object.entries({ ring: fused, 'ring-unfused': unfused })) {
      const digest = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
      expect(sha256).toBe(digest);
      expect(manifest[`${name}.wasm`].sha256).toBe(digest);
    }
  });

  it('give the same representatives, not only the same residues, for products and transforms', () => {
    const n = 2048;
    const [p] = sealPrimes(n, [49]) as [number];
    const roots = rootTable(n, p);
    const results = (['fused', 'unfused'] as const).map((variant) => {
      const kernels = loadRing(variant);
      reserve(kernels.memory, MEMORY);
      return vectors(n, p, 1).map((x) =>
        run(kernels, [x, roots], ([a, w, out]) => {
          kernels.forward(out!, a!, n, w!, p, 1 / p, 0);
          kernels.multiply(out!, out!, a!, n, p, 1 / p);
          return read(kernels, out!, n);
        }),
      );
    });
    expect(results[0]).toEqual(results[1]);
  });

  it('are chosen by what the engine does', () => {
    expect(loadRing().variant).toBe('fused');
    expect(loadRing('unfused').variant).toBe('unfused');
    expect(() => loadRing('fused')).not.toThrow(UnsupportedError);
  });
});
