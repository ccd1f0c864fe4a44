import type { Seal, SealContext, SealNative } from './seal.ts';
import type { LevelShape } from './wire.ts';

/** Data primes and the shape of every level, from the context's chain. */
export function readChain(
  seal: Seal,
  context: SealNative['context'],
): Pick<SealContext, 'primes' | 'levels' | 'keyLevel'> {
  const levels: LevelShape[] = [];
  let primes: bigint[] = [];
  const read = (data: ReturnType<typeof context.firstContextData>) => {
    using setting = seal.track(data.parms());
    using moduli = seal.track(setting.coeffModulus());
    using parmsId = seal.track(data.parmsId());
    const all = seal.module.jsArrayFromVecModulus(moduli) as readonly bigint[];
    const id = parmsId.values() as BigUint64Array;
    const shape: LevelShape = {
      parmsId: new Uint8Array(id.slice().buffer),
      degree: setting.polyModulusDegree(),
      primes: all.length,
    };
    return { shape, primes: Array.from(all), isLast: data.chainIndex() === 0 };
  };
  let data = seal.track(context.firstContextData());
  for (;;) {
    const level = read(data);
    if (levels.length === 0) primes = level.primes;
    levels.unshift(level.shape);
    const next = level.isLast ? undefined : seal.track(data.nextContextData());
    data.delete();
    if (next === undefined) break;
    data = next;
  }
  using key = seal.track(context.keyContextData());
  return { primes, levels, keyLevel: read(key).shape };
}
