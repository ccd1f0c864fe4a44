import type { FieldVector } from '../../src/kernels/field-vector.ts';
import { countCost } from '../../src/mpc/engine/count.ts';
import { type Context, kernelsOf, open, openUniform, type Protocol } from '../../src/mpc/engine/protocol.ts';
import { payloadBytes } from '../../src/mpc/engine/traffic.ts';
import { median } from '../harness/interleave.ts';
import { onThisMachine } from '../harness/machine.ts';
import type { BenchRow } from '../harness/row.ts';
import { SCHEME, type Work } from './works.ts';

/** One link's rate in a network that is modelled, bits a second. */
const LINK_BITS = 1e9;

/** A work done: the largest error of its result, found before anything was timed, and the seconds that it took. */
export type Timed = {
  readonly error: number;
  readonly seconds: readonly number[];
  readonly cpuSeconds: number;
};

/** One party's part: checks a work, then times it. A malicious run ends with the verification that an opening would need. */
export function* timedProtocol(work: Work, context: Context, cpu: () => number): Protocol<Timed> {
  const operands = yield* work.prepare(context);
  const known: FieldVector[] = [];
  for (const operand of operands) known.push(yield* openUniform(operand));
  const result = yield* open(yield* work.run(context, operands));
  const error = work.check(
    context.read(result),
    known.map((vector) => context.read(vector)),
  );
  if (!(error < 1e-5)) throw new Error(`${work.name}: off by ${error}: not timed`);
  const k = kernelsOf(context, 1);
  const seconds: number[] = [];
  let cpuSeconds = 0;
  for (let i = 0; i < work.repeats; i++) {
    yield* open(k.zeros(1));
    const before = cpu();
    const start = performance.now();
    yield* work.run(context, operands);
    yield* open(k.zeros(1));
    seconds.push((performance.now() - start) / 1000);
    cpuSeconds += (cpu() - before) / work.repeats;
  }
  return { error, seconds, cpuSeconds };
}

/** A bench row: a rate, or the time where there is one item. */
export async function rowOf(
  suite: string,
  work: Work,
  { error, seconds }: Timed,
  parameters: Readonly<Record<string, string | number>>,
): Promise<BenchRow> {
  const rates = seconds.map((time) => work.count / time);
  return onThisMachine({
    suite,
    case: `${work.name}, ${work.security === 'malicious' ? 'malicious' : 'semi-honest'}, n = ${work.count}`,
    metric: work.count === 1 ? 'time' : 'rate',
    ...(work.count === 1
      ? {
          value: 1000 * median(seconds),
          unit: 'ms',
          min: 1000 * Math.min(...seconds),
          max: 1000 * Math.max(...seconds),
        }
      : { value: median(rates), unit: '1/s', min: Math.min(...rates), max: Math.max(...rates) }),
    n: seconds.length,
    error,
    parameters,
  });
}

/** What a work costs on any network, counted: rounds, and bytes and field products of one party. */
export type Counted = { readonly rounds: number; readonly bytes: number; readonly fieldProducts: number };

export async function countWork(work: Work): Promise<Counted> {
  const { security } = work;
  const once = function* (context: Context): Protocol<void> {
    yield* work.run(context, yield* work.prepare(context));
    yield* open(context.k61.zeros(1));
  };
  const { rounds, products } = await countCost(SCHEME, security, once);
  const sent = (shape: (typeof rounds)[number], from: number): number =>
    [1, 2, 3].reduce(
      (sum, to) => sum + (to === from ? 0 : payloadBytes(shape, SCHEME, security, from, to)),
      0,
    );
  const bytes = [1, 2, 3].map((from) => rounds.reduce((sum, shape) => sum + sent(shape, from), 0));
  return { rounds: rounds.length, bytes: Math.max(...bytes), fieldProducts: products };
}

/** The same as parameters of a row, with the milliseconds on modelled networks: rounds x latency + bytes / rate + a party's computing. */
export function networkOf(work: Work, counted: Counted, computing: number): Record<string, number | string> {
  const { rounds, bytes, fieldProducts } = counted;
  const modelled = (latency: number) => rounds * latency + (8 * bytes) / LINK_BITS + computing;
  return {
    ...SCHEME,
    security: work.security,
    rounds,
    bytesAPartyAnItem: Math.round(bytes / work.count),
    fieldProductsAPartyAnItem: Math.round(fieldProducts / work.count),
    lanMs: Number((1000 * modelled(0.001)).toPrecision(3)),
    wanMs: Number((1000 * modelled(0.04)).toPrecision(3)),
  };
}

/** A row on one line. */
export function lineOf({ case: name, value, unit, error, parameters }: BenchRow): string {
  const { rounds, bytesAPartyAnItem, lanMs, wanMs, cpuMsAParty, bound } = parameters ?? {};
  const cpu = cpuMsAParty === undefined ? '' : `; ${cpuMsAParty} ms CPU a party: bound by ${bound}`;
  return `${name}: ${value.toPrecision(4)} ${unit} (error ${error}); ${rounds} rounds, ${bytesAPartyAnItem} B; LAN ${lanMs} ms, WAN ${wanMs} ms${cpu}`;
}
