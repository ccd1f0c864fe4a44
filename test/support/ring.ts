import { readFileSync } from 'node:fs';
import { loadRing, loadSharedRing, type RingKernels } from '../../src/kernels/ring.ts';
import { instantiate, sharedMemory } from '../../src/kernels/wasm-module.ts';
import { mulMod } from '../../src/numeric/modular.ts';
import { primitiveRoot, reverseBits } from '../../src/numeric/roots-of-unity.ts';

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

/** psi^brv(i), centred, for SEAL's psi: the least root of order 2 n. */
export function rootTable(n: number, p: number): Float64Array {
  const root = primitiveRoot(2 * n, p);
  const square = mulMod(root, root, p);
  let psi = root;
  for (let i = 1, power = root; i < n; i++) {
    power = mulMod(power, square, p);
    if (power < psi) psi = power;
  }
  const powers = [1];
  while (powers.length < n) powers.push(mulMod(powers.at(-1)!, psi, p));
  const bits = Math.log2(n);
  return Float64Array.from(powers, (_, i) => centre(powers[reverseBits(i, bits)]!, p));
}

/** Residues in 0..p-1, whatever representatives they are given by. */
export function residues(values: Float64Array, p: number): Float64Array {
  return values.map((x) => {
    const r = x % p;
    return r < 0 ? r + p : r;
  });
}
