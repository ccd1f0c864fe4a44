import type { Chain } from './chain.ts';
import type { Interval } from './interval.ts';
import type { PlaintextBound } from './plaintexts.ts';
import type { SlotInput, SlotInstruction, SlotPlaintext } from './program.ts';

/** A value in the program being built, with all that the next operation has to know. */
export type SlotRegister = {
  readonly index: number;
  readonly level: number;
  readonly scale: number;
  readonly components: 2 | 3;
};

/**
 * First-order dependence that is sharper than what its instructions show: |d y / d of| <= sensitivity in every slot, for noise
 * that reaches y through these registers only. A polynomial's derivative is far below the product of its intermediate ones.
 */
export type Linearisation = readonly { readonly of: number; readonly sensitivity: number }[];

/** What a builder has written, in the order of emission; {@link tidy} makes a program of it. */
export type Draft = {
  readonly chain: Chain;
  readonly instructions: readonly SlotInstruction[];
  readonly plaintexts: readonly SlotPlaintext[];
  readonly plaintextBounds: readonly PlaintextBound[];
  readonly inputs: readonly SlotInput[];
  /** Values of every slot of every register, results or not: one slot out of range destroys its batch. */
  readonly bounds: readonly Interval[];
  /** By register, from its inputs inwards: a later one holds for noise that none of the earlier's registers carries. */
  readonly linearisations: ReadonlyMap<number, readonly Linearisation[]>;
  /** Distance of a register's values from what they stand for, by what was left out on purpose. */
  readonly omissions: ReadonlyMap<number, number>;
};
