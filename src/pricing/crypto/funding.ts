import { RangeError } from '../../base/errors.ts';
import { checkColumns, requireRecord } from '../column-checks.ts';

/**
 * How a venue turns a premium into a funding rate. Rates are decimal, for one interval, and are paid by longs where
 * positive.
 */
export type FundingRule = {
  /** Hours to which a rate refers; 8 on most venues. */
  readonly intervalHours: number;
  /** Interest component a rate returns to while the premium is near it; 0 on Deribit, 0.0001 on BitMEX. */
  readonly interestRate: number;
  /** How far the premium may be from the interest component without effect; 0.00025 on Deribit, 0.0005 on BitMEX. */
  readonly damper: number;
  /** Lowest and highest rate; they differ by instrument, and on BitMEX follow from the margins. */
  readonly floor: number;
  readonly cap: number;
};

// A rate of one hundred times the notional an interval is beyond any venue's cap.
const PREMIUM = { low: -1e6, high: 1e6, expected: 'a premium of at most 1e6 in size' };
const FUNDING_RATE = { low: -1e6, high: 1e6, expected: 'a funding rate of at most 1e6 in size' };
const HOURS = { low: 0, high: 1e9, expected: 'a number of hours between 0 and 1e9' };
const MARK = { low: 1e-50, high: 1e50, expected: 'a positive price between 1e-50 and 1e50' };

function checkRule({ intervalHours, interestRate, damper, floor, cap }: FundingRule): void {
  const valid =
    intervalHours > 0 &&
    damper >= 0 &&
    floor <= cap &&
    Number.isFinite(intervalHours + interestRate + damper);
  if (valid) return;
  throw new RangeError(
    `expected a funding rule with intervalHours > 0, finite interestRate, damper >= 0 and floor <= cap, found ${intervalHours}, ${interestRate}, ${damper}, ${floor} and ${cap}`,
    { intervalHours, interestRate, damper, floor, cap },
  );
}

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/**
 * Funding rates from premiums (F39): P + clamp(I - P, -damper, damper), then held between floor and cap.
 *
 * BitMEX, "Perpetual Contracts Guide", funding rate calculations (premium index P averaged over the interval by the
 * venue); Deribit, "Funding specifications", where I = 0: max(damper, P) + min(-damper, P).
 * @param premiums (mark or impact price - index) / index, decimal, one an interval.
 * @throws RangeError for a premium that is not a number of at most 1e6 in size, or a rule that contradicts itself.
 * @example fundingRates(Float64Array.of(0.001), deribit)[0] // 0.00075 with a damper of 0.025 %
 */
export function fundingRates(premiums: Float64Array, rule: FundingRule): Float64Array {
  checkRule(rule);
  checkColumns({ premium: premiums }, { premium: PREMIUM });
  const { interestRate, damper, floor, cap } = rule;
  return premiums.map((premium) =>
    clamp(premium + clamp(interestRate - premium, -damper, damper), floor, cap),
  );
}

/** A history of funding, a column a field: element i is a stretch of time with one rate. */
export type FundingHistory = {
  /** Rate for a whole interval of the rule, decimal. */
  readonly rate: Float64Array;
  /** Hours for which it accrued while the position was held. */
  readonly hours: Float64Array;
  /** Mark price at which the position counts. */
  readonly mark: Float64Array;
};

/**
 * Funding that a linear position of `coins` pays in each stretch (F40): coins x mark x rate x hours / interval, in
 * quote currency. Negative: received. @throws ShapeError @throws RangeError naming field and index.
 */
export function linearFundingPaid(
  coins: number,
  history: FundingHistory,
  intervalHours: number,
): Float64Array {
  return fundingPaid(coins, history, intervalHours, (mark) => mark);
}

/**
 * Funding that an inverse position of `notional` quote currency pays in each stretch (F40): notional / mark x rate x
 * hours / interval, in coins. Negative: received. @throws ShapeError @throws RangeError naming field and index.
 */
export function inverseFundingPaid(
  notional: number,
  history: FundingHistory,
  intervalHours: number,
): Float64Array {
  return fundingPaid(notional, history, intervalHours, (mark) => 1 / mark);
}

function fundingPaid(
  size: number,
  history: FundingHistory,
  intervalHours: number,
  unitValue: (mark: number) => number,
): Float64Array {
  if (!(intervalHours > 0 && Number.isFinite(intervalHours)) || !(Math.abs(size) <= 1e50)) {
    throw new RangeError(
      `expected intervalHours > 0 and a position of at most 1e50 in size, found ${intervalHours} and ${size}`,
      { intervalHours, size },
    );
  }
  checkColumns(requireRecord('history', history), { rate: FUNDING_RATE, hours: HOURS, mark: MARK });
  const { rate, hours, mark } = history;
  return rate.map((r, i) => size * unitValue(mark[i]!) * r * (hours[i]! / intervalHours));
}
