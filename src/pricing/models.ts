import { americanModel } from './american/american-model.ts';
import { bachelierModel } from './bachelier.ts';
import { blackScholesModel } from './black-scholes-model.ts';
import { black76Model } from './black76.ts';
import { inverseModel } from './crypto/inverse-option.ts';
import { asianModel } from './exotic/asian.ts';
import { barrierModel } from './exotic/barrier.ts';
import { digitalModel } from './exotic/digital.ts';
import { doubleBarrierModel } from './exotic/double-barrier.ts';
import { lookbackModel } from './exotic/lookback.ts';
import { oneTouchModel } from './exotic/one-touch.ts';
import { impliedVolModel } from './implied-vol/implied-vol-model.ts';
import { margrabeModel } from './margrabe.ts';
import type { PricingModel } from './model.ts';
import { heston } from './models/heston.ts';
import { sabr } from './models/sabr.ts';
import { svi } from './models/svi.ts';
import { asianMonteCarloModel } from './montecarlo/asian-model.ts';

/** The closed forms and, for the arithmetic average, the simulation with its standard error. */
const asian: PricingModel = {
  ...asianModel,
  results: [...asianModel.results, ...asianMonteCarloModel.results],
  price: (table) => ({ ...asianModel.price(table), ...asianMonteCarloModel.price(table) }),
};

const ALL: readonly PricingModel[] = [
  blackScholesModel,
  black76Model,
  bachelierModel,
  inverseModel,
  margrabeModel,
  americanModel,
  digitalModel,
  oneTouchModel,
  barrierModel,
  doubleBarrierModel,
  lookbackModel,
  asian,
  heston,
  sabr,
  svi,
  impliedVolModel,
];

/** Every model of the command line, by name. */
export const PRICING_MODELS: ReadonlyMap<string, PricingModel> = new Map(
  ALL.map((model) => [model.name, model]),
);
