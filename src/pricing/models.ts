import { blackScholesModel } from './black-scholes-model.ts';
import type { PricingModel } from './model.ts';

/** Every model of the command line, by name. */
export const PRICING_MODELS: ReadonlyMap<string, PricingModel> = new Map(
  [blackScholesModel].map((model) => [model.name, model]),
);
