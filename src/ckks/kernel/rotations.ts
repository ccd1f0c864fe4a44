import type { CiphertextSpace } from './ciphertext-space.ts';
import type { RotationKey } from './evaluation-keys.ts';
import type { KernelCiphertext } from './kernel-ciphertext.ts';
import type { Decomposition, KeySwitcher } from './key-switching.ts';
import { twoComponents } from './operands.ts';
import type { Component } from './transfer.ts';

/** An automorphism X -> X^element and its key; without a key, the identity. */
export type Automorphism = { readonly element: number; readonly key: RotationKey | undefined };

/**
 * Automorphisms of a two-component ciphertext: switched while it stands still, then permuted. From one decomposition where there are
 * several and digits commute with automorphisms (`hoists`).
 */
export function applyAutomorphisms(
  space: CiphertextSpace,
  switcher: KeySwitcher,
  a: KernelCiphertext,
  automorphisms: readonly Automorphism[],
  hoists: boolean,
): KernelCiphertext[] {
  twoComponents(a);
  const [c0, c1] = a.components as [Component, Component];
  const many = hoists && automorphisms.filter(({ key }) => key !== undefined).length > 1;
  const decomposition = many ? switcher.decompose(c1) : undefined;
  const results: KernelCiphertext[] = [];
  try {
    for (const { element, key } of automorphisms) {
      if (key === undefined) {
        results.push(space.copy(a, a.level));
        continue;
      }
      const switched = switchOne(switcher, c0, c1, key, element, decomposition);
      try {
        results.push(permuted(space, switched, key.table));
      } finally {
        space.ring.pool.give(switched.flat());
      }
    }
  } catch (error) {
    for (const result of results) result[Symbol.dispose]();
    throw error;
  } finally {
    if (decomposition !== undefined) switcher.release(decomposition);
  }
  return results;
}

function switchOne(
  switcher: KeySwitcher,
  c0: Component,
  c1: Component,
  { key }: RotationKey,
  element: number,
  decomposition: Decomposition | undefined,
): Component[] {
  const addends = [c0, undefined];
  return decomposition === undefined
    ? switcher.switch(c1, key, addends, element)
    : switcher.switchDecomposed(decomposition, key, addends);
}

function permuted(space: CiphertextSpace, components: readonly Component[], table: number): KernelCiphertext {
  const { kernels, degree } = space.ring;
  return space.fill(components[0]!.length - 1, components.length, (out) => {
    out.forEach((component, c) => {
      component.forEach((page, j) => {
        kernels.permute(page, components[c]![j]!, table, degree);
      });
    });
  });
}
