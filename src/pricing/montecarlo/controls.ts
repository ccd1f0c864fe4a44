import { UnsupportedError } from '../../base/errors.ts';
import { blackScholesPrices } from '../black-scholes.ts';
import { geometricMoments } from '../exotic/average-moments.ts';
import { lognormalOption } from './lognormal.ts';
import type { PathBlock } from './paths.ts';
import type { PathPayoff, PayoffSpec } from './payoff.ts';
import { asianPayoff } from './payoffs/asian.ts';
import { europeanPayoff } from './payoffs/european.ts';
import { finalDiscount, signOf } from './payoffs/fields.ts';
import type { SimulationPlan } from './plan.ts';
import type { ControlName } from './specification.ts';

/** A random variable of a path whose expectation is known. */
export type Control = {
  readonly expectation: number;
  /**
   * Whether it resembles the payoff itself. Where no path tells how the two go together its coefficient is then 1:
   * what is simulated is the difference.
   */
  readonly alike: boolean;
  /** Its values along a block. For `exercise`, the block that the payoff valued last. */
  value(paths: PathBlock, out: Float64Array): void;
};

/**
 * Control variates (F120) by name:
 * `spot`: the discounted spot at expiry of every underlying. `european`: the European option of the payoff's type
 * and strike on its underlying. `geometric`: for an arithmetic Asian option the geometric one on the same fixings,
 * for a basket of positive weights the option on the weighted geometric mean with the same forwards. `exercise`:
 * for an American option the European option's value when and where the path is exercised, a martingale sampled at
 * a stopping time: N. S. Rasmussen, "Control variates for Monte Carlo valuation of American options", J.
 * Computational Finance 9 (2005), 83-118.
 * @throws UnsupportedError where the payoff has no such control; the message names those it has.
 */
export function createControls(
  names: readonly ControlName[],
  spec: PayoffSpec,
  payoff: PathPayoff,
  plan: SimulationPlan,
): Control[] {
  return names.flatMap((name): Control[] => {
    const made = make(name, spec, payoff, plan);
    if (made !== undefined) return made;
    const others = (['spot', 'european', 'geometric', 'exercise'] as const).filter(
      (other) => make(other, spec, payoff, plan) !== undefined,
    );
    throw new UnsupportedError(
      `a payoff of kind ${spec.kind} has no control named ${name}; it has ${others.join(', ')}`,
      { control: name, payoff: spec.kind },
    );
  });
}

function make(
  name: ControlName,
  spec: PayoffSpec,
  payoff: PathPayoff,
  plan: SimulationPlan,
): Control[] | undefined {
  switch (name) {
    case 'spot':
      return Array.from({ length: plan.assets }, (_, asset) => spotControl(asset, plan));
    case 'european': {
      if (spec.kind === 'custom' || spec.kind === 'basket' || spec.kind === 'european') return undefined;
      // A floating lookback has no strike of its own.
      const strike = spec.kind === 'lookback' ? (spec.strike ?? plan.spots[spec.asset ?? 0]!) : spec.strike;
      const asset = spec.kind === 'american' ? 0 : (spec.asset ?? 0);
      return [europeanControl(spec.type, strike, asset, plan)];
    }
    case 'geometric':
      if (spec.kind === 'asian' && spec.average === 'arithmetic') return [geometricAsianControl(spec, plan)];
      if (spec.kind === 'basket' && spec.weights.every((weight) => weight > 0) && spec.strike > 0) {
        return [geometricBasketControl(spec, plan)];
      }
      return undefined;
    case 'exercise':
      return spec.kind === 'american' ? [exerciseControl(spec, payoff, plan)] : undefined;
    default:
      return undefined;
  }
}

function spotControl(asset: number, plan: SimulationPlan): Control {
  const discount = finalDiscount(plan);
  const expiry = plan.times[plan.steps - 1]!;
  return {
    alike: false,
    expectation: plan.spots[asset]! * Math.exp(-plan.dividendYields[asset]! * expiry),
    value({ spots, count, steps }, out) {
      const at = (asset * steps + steps - 1) * count;
      for (let p = 0; p < count; p++) out[p] = discount * spots[at + p]!;
    },
  };
}

function europeanControl(type: 'call' | 'put', strike: number, asset: number, plan: SimulationPlan): Control {
  const expiry = plan.times[plan.steps - 1]!;
  const vol = plan.vols[asset]!;
  const carry = plan.rate - plan.dividendYields[asset]!;
  const mean = Math.log(plan.spots[asset]!) + (carry - 0.5 * vol * vol) * expiry;
  const payoff = europeanPayoff({ kind: 'european', type, strike, asset }, plan);
  return {
    alike: true,
    expectation: finalDiscount(plan) * lognormalOption(signOf(type), mean, vol * vol * expiry, strike),
    value: payoff.value,
  };
}

function geometricAsianControl(spec: Extract<PayoffSpec, { kind: 'asian' }>, plan: SimulationPlan): Control {
  const asset = spec.asset ?? 0;
  const carry = plan.rate - plan.dividendYields[asset]!;
  const { growth, logVariance } = geometricMoments(plan.times, carry, plan.vols[asset]!);
  const mean = Math.log(plan.spots[asset]! * growth) - 0.5 * logVariance;
  return {
    alike: true,
    expectation: finalDiscount(plan) * lognormalOption(signOf(spec.type), mean, logVariance, spec.strike),
    value: asianPayoff({ ...spec, average: 'geometric' }, plan).value,
  };
}

/**
 * The basket sum w_i S_i near its forward B = sum w_i F_i is close to B prod (S_i / F_i)^(w_i F_i / B), which is
 * lognormal.
 */
function geometricBasketControl(
  spec: Extract<PayoffSpec, { kind: 'basket' }>,
  plan: SimulationPlan,
): Control {
  const expiry = plan.times[plan.steps - 1]!;
  const forwards = plan.spots.map(
    (spot, i) => spot * Math.exp((plan.rate - plan.dividendYields[i]!) * expiry),
  );
  const basketForward = spec.weights.reduce((sum, weight, i) => sum + weight * forwards[i]!, 0);
  const shares = spec.weights.map((weight, i) => (weight * forwards[i]!) / basketForward);
  let mean = Math.log(basketForward);
  let variance = 0;
  shares.forEach((share, i) => {
    mean -= 0.5 * share * plan.vols[i]! ** 2 * expiry;
    shares.forEach((other, j) => {
      variance += share * other * plan.vols[i]! * plan.vols[j]! * plan.correlation.data[i * plan.assets + j]!;
    });
  });
  // A sum of squares up to rounding.
  variance = Math.max(variance * expiry, 0);
  const sign = signOf(spec.type);
  const discount = finalDiscount(plan);
  const level =
    Math.log(basketForward) - shares.reduce((sum, share, i) => sum + share * Math.log(forwards[i]!), 0);
  return {
    alike: true,
    expectation: discount * lognormalOption(sign, mean, variance, spec.strike),
    value({ logs, count, steps }, out) {
      out.fill(level, 0, count);
      shares.forEach((share, asset) => {
        const at = (asset * steps + steps - 1) * count;
        for (let p = 0; p < count; p++) out[p]! += share * logs[at + p]!;
      });
      for (let p = 0; p < count; p++) {
        out[p] = discount * Math.max(sign * (Math.exp(out[p]!) - spec.strike), 0);
      }
    },
  };
}

function exerciseControl(
  spec: Extract<PayoffSpec, { kind: 'american' }>,
  payoff: PathPayoff,
  plan: SimulationPlan,
): Control {
  const expiry = plan.times[plan.steps - 1]!;
  const columns = (count: number) => ({
    sign: new Float64Array(count).fill(signOf(spec.type)),
    spot: new Float64Array(count),
    strike: new Float64Array(count).fill(spec.strike),
    expiryYears: new Float64Array(count),
    rate: new Float64Array(count).fill(plan.rate),
    dividendYield: new Float64Array(count).fill(plan.dividendYields[0]!),
    vol: new Float64Array(count).fill(plan.vols[0]!),
  });
  let inputs = columns(plan.blockSamples);
  return {
    alike: true,
    expectation: europeanControl(spec.type, spec.strike, 0, plan).expectation,
    value({ spots, count }, out) {
      if (inputs.spot.length !== count) inputs = columns(count);
      const { spot, expiryYears } = inputs;
      for (let p = 0; p < count; p++) {
        const step = payoff.exerciseStep!(p);
        spot[p] = spots[step * count + p]!;
        expiryYears[p] = expiry - plan.times[step]!;
      }
      blackScholesPrices(inputs, out.length === count ? out : out.subarray(0, count));
      for (let p = 0; p < count; p++) out[p]! *= Math.exp(-plan.rate * (expiry - expiryYears[p]!));
    },
  };
}
