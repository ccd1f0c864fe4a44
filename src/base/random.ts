/** `crypto.getRandomValues` refuses more than this many bytes at once. */
const MAX_BYTES_PER_CALL = 65_536;

/** Fills a typed array with bytes of the platform's CSPRNG. The only source of randomness for secrets. */
export function fillRandom<T extends Uint8Array | Uint32Array | BigUint64Array>(target: T): T {
  const bytes = new Uint8Array(target.buffer as ArrayBuffer, target.byteOffset, target.byteLength);
  for (let offset = 0; offset < bytes.length; offset += MAX_BYTES_PER_CALL) {
    crypto.getRandomValues(bytes.subarray(offset, offset + MAX_BYTES_PER_CALL));
  }
  return target;
}

export function randomBytes(length: number): Uint8Array {
  return fillRandom(new Uint8Array(length));
}

/**
 * `length` independent samples of the normal distribution N(0, sigma^2) from the CSPRNG, by Box-Muller on 53-bit
 * uniforms. The tail is cut at 8.5 sigma (probability 2e-17 a sample). Running time depends on nothing secret but
 * JavaScript floating point is not claimed to be constant-time.
 */
export function randomNormals(length: number, sigma: number): Float64Array {
  const pairs = Math.ceil(length / 2);
  const words = fillRandom(new Uint32Array(4 * pairs));
  const out = new Float64Array(2 * pairs);
  for (let i = 0; i < pairs; i++) {
    // (0, 1]: the logarithm below is finite.
    const u = (uniform53(words[4 * i]!, words[4 * i + 1]!) + 1) * 2 ** -53;
    const angle = 2 * Math.PI * uniform53(words[4 * i + 2]!, words[4 * i + 3]!) * 2 ** -53;
    const radius = sigma * Math.sqrt(-2 * Math.log(u));
    out[2 * i] = radius * Math.cos(angle);
    out[2 * i + 1] = radius * Math.sin(angle);
  }
  return out.subarray(0, length);
}

/** An integer in [0, 2^53). */
function uniform53(high: number, low: number): number {
  return (high >>> 11) * 2 ** 32 + low;
}
