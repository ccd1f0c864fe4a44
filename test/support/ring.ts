import { readFileSync } from 'node:fs';
import { loadRing, loadSharedRing, type RingKernels } from '../../src/kernels/ring.ts';
import { instantiate, sharedMemory } from '../../src/kernels/wasm-module.ts';
import { inverseMod, mulMod } from '../../src/numeric/modular.ts';
import { minimalPrimitiveRoot, reverseBits } from '../../src/numeric/roots-of-unity.ts';

type Module = { new (bytes: Uint8Array): object };
const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: { readonly Module: Module } };

/** A module of wasm/ that the library does not embed: built with assertions, traps where a value may stop being exact. */
export function checkedRing(variant: 'fused' | 'unfused'): RingKernels {
  const name = variant === 'fused' ? 'ring-checked' : 'ring-unfused-checked';
  return instantiate(new api.Module(readFileSync(new URL(`../../wasm/${name}.wasm`, import.meta.url))));
}

/** Every build of the kernels, by name. */
export function ringBuilds(): readonly (readonly [name: string, kernels: RingKernels])[] {
  return [
    ['fused', loadRing('fused')],
    ['fused, shared', loadSharedRing(sharedMemory(2 ** 23)!)],
    ['unfused', loadRing('unfused')],
    ['fused, checked', checkedRing('fused')],
    ['unfused, checked', checkedRing('unfused')],
  ];
}

const centre = (x: number, p: number) => (x > p / 2 ? x - p : x);

/** psi^brv(i) and psi^-brv(i), centred, for SEAL's psi. */
export function rootTables(
  n: number,
  p: number,
): { readonly roots: Float64Array; readonly inverses: Float64Array } {
  const psi = minimalPrimitiveRoot(2 * n, p);
  const table = (root: number) => {
    const powers = [1];
    while (powers.length < n) powers.push(mulMod(powers.at(-1)!, root, p));
    const bits = Math.log2(n);
    return Float64Array.from(powers, (_, i) => centre(powers[reverseBits(i, bits)]!, p));
  };
  return { roots: table(psi), inverses: table(inverseMod(psi, p)) };
}

/** Residues in 0..p-1, whatever representatives they are given by. */
export function residues(values: Float64Array, p: number): Float64Array {
  return values.map((x) => {
    const r = x % p;
    return r < 0 ? r + p : r;
  });
}
