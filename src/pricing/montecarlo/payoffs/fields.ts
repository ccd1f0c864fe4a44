import { RangeError } from '../../../base/errors.ts';
import type { SimulationPlan } from '../plan.ts';

/** +1 for a call, -1 for a put. @throws RangeError for anything else. */
export function signOf(type: string): 1 | -1 {
  if (type === 'call') return 1;
  if (type === 'put') return -1;
  throw new RangeError(`expected call or put as payoff.type, found ${type}`, { field: 'type', found: type });
}

/** @throws RangeError unless the value is finite and, if asked for, not negative or positive. */
export function checkNumber(
  field: string,
  value: number | undefined,
  rule: 'positive' | 'nonNegative' | 'finite',
): number {
  const number = value ?? Number.NaN;
  const holds =
    Number.isFinite(number) && (rule === 'finite' || (rule === 'positive' ? number > 0 : number >= 0));
  if (!holds) {
    const expected = {
      positive: 'a positive number',
      nonNegative: 'a number of at least 0',
      finite: 'a finite number',
    };
    throw new RangeError(`expected ${expected[rule]} as payoff.${field}, found ${value}`, {
      field,
      found: String(value),
    });
  }
  return number;
}

/** The number of the underlying, 0 unless said otherwise. @throws RangeError unless the market has it. */
export function assetOf(asset: number | undefined, plan: SimulationPlan): number {
  const index = asset ?? 0;
  if (!(Number.isInteger(index) && index >= 0 && index < plan.assets)) {
    throw new RangeError(
      `expected an underlying from 0 to ${plan.assets - 1} as payoff.asset, found ${asset}`,
      {
        field: 'asset',
        found: String(asset),
      },
    );
  }
  return index;
}

/** e^(-r t) for the last time. */
export function finalDiscount(plan: SimulationPlan): number {
  return Math.exp(-plan.rate * plan.times[plan.steps - 1]!);
}
