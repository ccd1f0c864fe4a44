import type { RingKernels } from './ring.ts';
import type { WasmMemory } from './wasm-module.ts';

/**
 * The ring kernels again, on BigInt in a memory of their own: the oracle of the tests, thousands of times slower. Residues
 * are always written as -(p-1)/2..(p-1)/2, where the kernels may differ by p. Transforms are the defining sums, evaluated
 * layer by layer with exact roots; seeds and embeddings have other oracles (a hash library, and SEAL).
 */
export type RingTwin = Omit<RingKernels, 'expandSeed' | 'embed' | 'fused'>;

const mod = (x: bigint, p: bigint): bigint => ((x % p) + p) % p;
const centre = (x: bigint, p: bigint): number => {
  const r = mod(x, p);
  return Number(2n * r > p ? r - p : r);
};

/** A twin with `bytes` of memory, of which the first 1024 are not for the caller. */
export function ringTwin(bytes: number): RingTwin {
  const buffer = new ArrayBuffer(bytes);
  const memory: WasmMemory = { buffer, grow: () => -1 };
  const view = (at: number, n: number) => new Float64Array(buffer, at, n);
  const big = (at: number, n: number) => Array.from(view(at, n), BigInt);
  const write = (at: number, values: readonly bigint[], p: number) =>
    view(at, values.length).set(values.map((x) => centre(x, BigInt(p))));
  const zip = (
    dst: number,
    a: number,
    b: number,
    n: number,
    p: number,
    f: (x: bigint, y: bigint) => bigint,
  ) => {
    const right = big(b, n);
    write(
      dst,
      big(a, n).map((x, i) => f(x, right[i]!)),
      p,
    );
  };
  const addresses = (at: number, count: number) => Array.from(new Uint32Array(buffer, at, count));
  const sumOfProducts = (pairs: readonly (readonly [number, number])[], n: number): bigint[] => {
    const sums = new Array<bigint>(n).fill(0n);
    for (const [a, b] of pairs) {
      const right = big(b, n);
      big(a, n).forEach((x, i) => {
        sums[i]! += x * right[i]!;
      });
    }
    return sums;
  };
  const permuted = (a: number, table: number, n: number) => {
    const source = big(a, n);
    return Array.from(new Uint32Array(buffer, table, n), (i) => source[i]!);
  };

  return {
    memory,
    HEAP: { value: 1024 },
    forward(dst, src, n, roots, p) {
      const x = big(src, n);
      const w = big(roots, n);
      for (let m = 1, half = n / 2; m < n; m *= 2, half /= 2) {
        for (let i = 0; i < m; i++) {
          for (let j = 2 * i * half; j < (2 * i + 1) * half; j++) {
            const t = mod(x[j + half]! * w[m + i]!, BigInt(p));
            [x[j], x[j + half]] = [x[j]! + t, x[j]! - t];
          }
        }
      }
      write(dst, x, p);
    },
    // psi^N = -1: the inverse of a root stands at the other end of its layer, with the other sign.
    inverse(dst, src, n, roots, p, _reciprocal, factor, centred) {
      const x = big(src, n);
      const w = big(roots, n);
      for (let m = n / 2, half = 1; m >= 1; m /= 2, half *= 2) {
        for (let i = 0; i < m; i++) {
          for (let j = 2 * i * half; j < (2 * i + 1) * half; j++) {
            const [a, b] = [x[j]!, x[j + half]!];
            [x[j], x[j + half]] = [a + b, mod((b - a) * w[2 * m - 1 - i]!, BigInt(p))];
          }
        }
      }
      write(
        dst,
        x.map((value) => value * BigInt(factor)),
        p,
      );
      if (centred === 0) {
        const out = view(dst, n);
        out.forEach((value, i) => {
          out[i] = value < 0 ? value + p : value;
        });
      }
    },
    add: (dst, a, b, n, p) => zip(dst, a, b, n, p, (x, y) => x + y),
    sub: (dst, a, b, n, p) => zip(dst, a, b, n, p, (x, y) => x - y),
    negate(dst, a, n) {
      view(dst, n).set(view(a, n).map((x) => -x));
    },
    multiply: (dst, a, b, n, p) => zip(dst, a, b, n, p, (x, y) => x * y),
    affine(dst, a, factor, addend, n, p) {
      write(
        dst,
        big(a, n).map((x) => x * BigInt(factor) + BigInt(addend)),
        p,
      );
    },
    tensor(d0, d1, d2, a0, a1, b0, b1, n, p) {
      const parts = [
        [d0, [[a0, b0]]],
        [
          d1,
          [
            [a0, b1],
            [a1, b0],
          ],
        ],
        [d2, [[a1, b1]]],
      ] as const;
      const sums = parts.map(([dst, pairs]) => [dst, sumOfProducts(pairs, n)] as const);
      for (const [dst, sum] of sums) write(dst, sum, p);
    },
    tensorSquare(d0, d1, d2, a0, a1, n, p) {
      this.tensor(d0, d1, d2, a0, a1, a0, a1, n, p, 1 / p);
    },
    innerProduct(dst, pairs, count, _group, _offset, n, p) {
      const list = addresses(pairs, 2 * count);
      const terms = Array.from({ length: count }, (_, k) => [list[2 * k]!, list[2 * k + 1]!] as const);
      write(dst, sumOfProducts(terms, n), p);
    },
    combine(dst, terms, count, _group, _offset, n, p) {
      const sums = new Array<bigint>(n).fill(0n);
      const entries = new DataView(buffer, terms, 16 * count);
      for (let k = 0; k < count; k++) {
        const factor = BigInt(entries.getFloat64(16 * k + 8, true));
        big(entries.getUint32(16 * k, true), n).forEach((x, i) => {
          sums[i]! += x * factor;
        });
      }
      write(dst, sums, p);
    },
    innerProducts(dst0, dst1, triples, count, _group, _offset, n, p) {
      const list = addresses(triples, 3 * count);
      const terms = (part: 1 | 2) =>
        Array.from({ length: count }, (_, k) => [list[3 * k]!, list[3 * k + part]!] as const);
      const [sum0, sum1] = [sumOfProducts(terms(1), n), sumOfProducts(terms(2), n)];
      write(dst0, sum0, p);
      write(dst1, sum1, p);
    },
    innerProductsStream(dst0, dst1, pairs, stream, count, _group, _offset, from, to, p) {
      const list = addresses(pairs, 2 * count);
      [dst0, dst1].forEach((dst, part) => {
        const sums = new Array<bigint>(to - from).fill(0n);
        for (let k = 0; k < count; k++) {
          big(list[2 * k + part]! + 8 * from, to - from).forEach((x, i) => {
            const quartet = (from + i) >> 2;
            sums[i]! += x * BigInt(view(stream + 32 * (quartet * count + k) + 8 * (i & 3), 1)[0]!);
          });
        }
        write(dst + 8 * from, sums, p);
      });
    },
    sumDigits(dst0, dst1, digits, stream, stride, count, _group, _offset, n, p) {
      const list = addresses(digits, count);
      [dst0, dst1].forEach((dst, c) => {
        const sums = new Array<bigint>(n).fill(0n);
        list.forEach((a, k) => {
          big(a, n).forEach((x, i) => {
            const at = stream + (i >> 2) * stride + 64 * k + 32 * c + 8 * (i & 3);
            sums[i]! += x * BigInt(view(at, 1)[0]!);
          });
        });
        write(dst, sums, p);
      });
    },
    intoStream(stream, stride, a, n) {
      for (let i = 0; i < n; i += 4) view(stream + (i / 4) * stride, 4).set(view(a + 8 * i, 4));
    },
    subMultiply: (dst, a, b, factor, n, p) => zip(dst, a, b, n, p, (x, y) => (x - y) * BigInt(factor)),
    subMultiplyAdd(dst, a, b, factor, c, n, p) {
      const addend = big(c, n);
      const right = big(b, n);
      write(
        dst,
        big(a, n).map((x, i) => (x - right[i]!) * BigInt(factor) + addend[i]!),
        p,
      );
    },
    permute(dst, a, table, n) {
      view(dst, n).set(permuted(a, table, n).map(Number));
    },
    permuteAdd(dst, a, table, b, n, p) {
      const right = big(b, n);
      write(
        dst,
        permuted(a, table, n).map((x, i) => x + right[i]!),
        p,
      );
    },
    unrotate(dst, a, element, n, p) {
      const turned = view(a, n).map((x, i) => ((i * element) % (2 * n) >= n && x !== 0 ? x - p : x));
      view(dst, n).set(turned);
    },
    reduceAll: (dst, a, n, p) => write(dst, big(a, n), p),
    reduceWide: (dst, a, n, p) => write(dst, big(a, n), p),
    fromWords(dst, words, n, p) {
      const list = new BigUint64Array(buffer.slice(words, words + 8 * n));
      write(dst, Array.from(list), p);
      return list.every((word) => word < BigInt(p)) ? 1 : 0;
    },
    fromBytes(dst, packed, n, bytes, p) {
      const octets = new Uint8Array(buffer, packed, n * bytes);
      const values = Array.from({ length: n }, (_, i) =>
        octets.subarray(i * bytes, (i + 1) * bytes).reduceRight((sum, byte) => 256n * sum + BigInt(byte), 0n),
      );
      write(dst, values, p);
      return Number(values.every((x) => x < BigInt(p)));
    },
    normalise(dst, a, n, centred, p) {
      const modulus = BigInt(p);
      view(dst, n).set(big(a, n).map((x) => (centred ? centre(x, modulus) : Number(mod(x, modulus)))));
    },
    toWords(words, a, n, p) {
      const list = BigUint64Array.from(big(a, n), (x) => mod(x, BigInt(p)));
      new Uint8Array(buffer, words, 8 * n).set(new Uint8Array(list.buffer));
    },
    reduceWords(dst, words, n, limit, p) {
      const list = Array.from(new BigUint64Array(buffer.slice(words, words + 8 * n)));
      const stop = list.findIndex((word) => word >= limit);
      const taken = stop < 0 ? n : stop - (stop % 2);
      write(dst, list.slice(0, taken), p);
      return taken;
    },
    packLeading(dst, a, n, unit, bytes) {
      const out = new Uint8Array(buffer, dst, n * bytes);
      view(a, n).forEach((x, i) => {
        const value = BigInt(Math.floor(x * unit + 0.5));
        for (let b = 0; b < bytes; b++) out[i * bytes + b] = Number((value >> BigInt(8 * b)) & 255n);
      });
    },
  };
}
