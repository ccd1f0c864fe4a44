import type { Digest } from '../../src/base/brand.ts';
import { Seal, SealContext, type SealParameters } from '../../src/ckks/seal.ts';

/** Parameters for tests: some degrees are far too small to be safe, and no digest is taken. */
export function insecureParameters(
  degree: number,
  dataPrimeBits: readonly number[],
  specialPrimeBits: number,
): SealParameters {
  const digest = `insecure/${degree}/${dataPrimeBits.join('-')}/${specialPrimeBits}` as Digest;
  return { degree, dataPrimeBits, specialPrimeBits, digest };
}

/** A context for tests whatever its degree; the caller disposes it. */
export async function insecureContext(parameters: SealParameters): Promise<SealContext> {
  return new SealContext(await Seal.load(), parameters, 'none');
}
