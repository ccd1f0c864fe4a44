import { describe, expect, it } from 'vitest';
import { PlanError } from '../../../../src/base/errors.ts';
import { SlotProgramBuilder } from '../../../../src/ckks/slots/builder.ts';
import type { SlotRegister } from '../../../../src/ckks/slots/draft.ts';
import { within } from '../../../../src/ckks/slots/interval.ts';
import { relinearises, rotationsOf } from '../../../../src/ckks/slots/program.ts';
import { tidy } from '../../../../src/ckks/slots/tidy.ts';
import { sealPrimes } from '../../../../src/numeric/ntt-primes.ts';
import { interpretSlots } from '../../../support/slot-interpreter.ts';

const slots = 64;
const primes = sealPrimes(8192, [48, 45, 45, 45, 45]);
const vector = (f: (i: number) => number) => Float64Array.from({ length: slots }, (_, i) => f(i));
const x = vector((i) => Math.sin(i));
const y = vector((i) => Math.cos(3 * i));

function start(): { builder: SlotProgramBuilder; a: SlotRegister; b: SlotRegister } {
  const builder = new SlotProgramBuilder({ slots, primes, scaleBits: 45 });
  const spec = { length: slots, blocks: 1, padding: 'zero' } as const;
  const [a] = builder.input({ name: 'x', ...spec }, within(1));
  const [b] = builder.input({ name: 'y', ...spec }, within(1));
  return { builder, a: a!, b: b! };
}

function run(builder: SlotProgramBuilder, register: SlotRegister) {
  const outputs = [{ name: 'out', length: slots, registers: [register.index] }];
  const { program } = tidy(builder.draft(), outputs);
  return { program, out: interpretSlots(program, { slots, primes }, { x, y }).outputs.out! };
}

describe('SlotProgramBuilder', () => {
  it('meets canonical registers of different paths without a product', () => {
    const { builder, a, b } = start();
    const left = builder.settle(builder.multiply(a, b));
    const right = builder.settle(builder.mulPlain(a, 0.5));
    expect(right.level).toBe(left.level);
    expect(right.scale / left.scale).toBeCloseTo(1, 14);
    const { program, out } = run(builder, builder.add(left, right));
    expect(out).toEqual(vector((i) => x[i]! * y[i]! + x[i]! * 0.5));
    expect(program.instructions.filter(({ op }) => op === 'rescale')).toHaveLength(2);
  });

  it('lifts a register to a lower level at its exact scale', () => {
    const { builder, a, b } = start();
    const square = builder.settle(builder.square(a));
    const fourth = builder.settle(builder.square(square));
    const { out } = run(builder, builder.sub(fourth, b));
    expect(out).toEqual(vector((i) => (x[i]! * x[i]!) ** 2 - y[i]!));
  });

  it('adds products before it relinearises and rescales them, once', () => {
    const { builder, a, b } = start();
    const sum = builder.add(builder.multiply(a, b), builder.square(a));
    const { program, out } = run(builder, builder.settle(builder.add(sum, b)));
    expect(out).toEqual(vector((i) => x[i]! * y[i]! + x[i]! * x[i]! + y[i]!));
    const count = (op: string) => program.instructions.filter((each) => each.op === op).length;
    expect([count('relinearise'), count('rescale')]).toEqual([1, 1]);
    expect(relinearises(program)).toBe(true);
  });

  it('brings two fresh registers of different scales together a level lower', () => {
    const { builder, a, b } = start();
    const odd = builder.rescale(builder.mulPlain(builder.dropTo(a, 3), 2, 2 ** 41));
    const level = builder.dropTo(b, odd.level);
    const { out } = run(builder, builder.add(odd, level));
    expect(out).toEqual(vector((i) => 2 * x[i]! + y[i]!));
  });

  it('emits the same operation once, and nothing that no output needs', () => {
    const { builder, a, b } = start();
    const first = builder.multiply(a, b);
    expect(builder.multiply(b, a)).toBe(first);
    builder.square(b);
    const { program } = run(builder, builder.settle(first));
    expect(program.instructions.map(({ op }) => op)).toEqual([
      'input',
      'input',
      'multiply',
      'relinearise',
      'rescale',
    ]);
  });

  it('keeps each public operand once, a constant vector as its number', () => {
    const { builder, a } = start();
    const one = builder.mulPlain(
      a,
      vector(() => 2),
    );
    expect(builder.mulPlain(a, 2)).toBe(one);
    const w = vector((i) => i);
    expect(builder.mulPlain(a, w)).toBe(builder.mulPlain(a, w.slice()));
    expect(builder.draft().plaintexts).toHaveLength(2);
  });

  it('brings rotations of one register together', () => {
    const { builder, a, b } = start();
    const one = builder.rotate(a, 1);
    const other = builder.rotate(b, 2);
    const back = builder.rotate(a, -1);
    const { program, out } = run(builder, builder.add(builder.add(one, other), back));
    expect(program.instructions.map(({ op }) => op).slice(0, 5)).toEqual([
      'input',
      'input',
      'rotate',
      'rotate',
      'rotate',
    ]);
    expect(program.instructions.slice(2, 4).map(({ args }) => args)).toEqual([[0], [0]]);
    expect(rotationsOf(program)).toEqual([1, 2, 63]);
    expect(out).toEqual(vector((i) => x[(i + 1) % slots]! + y[(i + 2) % slots]! + x[(i + 63) % slots]!));
  });

  it('sums products of equal scale in one instruction', () => {
    const { builder, a, b } = start();
    const c = builder.settle(builder.multiply(a, b));
    const [a3, b3] = [builder.lift(a, c.level, c.scale), builder.lift(b, c.level, c.scale)];
    const products = builder.innerProduct([
      [a3, c],
      [b3, b3],
    ]);
    const plain = builder.innerProductPlain([
      { a: c, values: 3 },
      { a: a3, values: y },
    ]);
    const { out } = run(builder, builder.settle(builder.add(products, plain)));
    const expected = vector((i) => {
      const c = x[i]! * y[i]!;
      return x[i]! * c + y[i]! * y[i]! + (c * 3 + x[i]! * y[i]!);
    });
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 14);
    });
  });

  it('refuses a value that exceeds its modulus, and a circuit that exceeds its levels', () => {
    const { builder, a } = start();
    const eighth = () => {
      let p = a;
      for (let i = 0; i < 5; i++) p = builder.settle(builder.square(p));
      return run(builder, p);
    };
    expect(eighth).toThrow(PlanError);
    expect(eighth).toThrow(/more than the 4 levels/);
    const large = builder.settle(builder.mulPlain(a, 1000));
    expect(() => run(builder, builder.dropTo(large, 0))).toThrow(/one such slot would destroy its batch/);
    builder.declareBound(builder.dropTo(large, 0), within(2));
    expect(run(builder, builder.dropTo(large, 0)).program.instructions.at(-1)!.level).toBe(0);
    // However small the values, a scale must stay below the modulus.
    const fine = builder.mulPlain(builder.dropTo(a, 0), 2 ** -30, 2 ** 4);
    expect(() => run(builder, fine)).toThrow(PlanError);
  });
});
