/** Arguments that a function accepts, as data, and the call. */
export type PricingCall = {
  readonly args: readonly unknown[];
  readonly call: (...args: never[]) => unknown;
};

export const of = <F extends (...args: never[]) => unknown>(
  call: F,
  ...args: Parameters<F>
): PricingCall => ({ call, args });
