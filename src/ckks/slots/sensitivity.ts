/**
 * How strongly a register depends on one noise source, over all rotated copies of it: in any slot the error is
 * sum_r w_r n(slot + r) with |w_r| bounded. Values of one error polynomial in two different slots are uncorrelated, so copies
 * that were rotated differently add in squares.
 */
export type Sensitivity = {
  /** sqrt(sum_r w_r^2). */
  readonly root: number;
  /** max_r |w_r|. */
  readonly most: number;
  /** All r lie in [from, to). */
  readonly from: number;
  readonly to: number;
};

/** Sensitivities by source. */
export type Sensitivities = ReadonlyMap<number, Sensitivity>;

export function addSensitivities(...terms: readonly Sensitivities[]): Sensitivities {
  const [first, ...others] = [...terms].sort((a, b) => b.size - a.size);
  if (first === undefined || others.every(({ size }) => size === 0)) return first ?? new Map();
  const sum = new Map(first);
  for (const term of others) {
    for (const [source, y] of term) {
      const x = sum.get(source);
      sum.set(source, x === undefined ? y : addCopies(x, y));
    }
  }
  return sum;
}

/** Copies with rotations in common may be the same noise; others are not. */
function addCopies(x: Sensitivity, y: Sensitivity): Sensitivity {
  const apart = x.to <= y.from || y.to <= x.from;
  return {
    root: apart ? Math.hypot(x.root, y.root) : x.root + y.root,
    most: apart ? Math.max(x.most, y.most) : x.most + y.most,
    from: Math.min(x.from, y.from),
    to: Math.max(x.to, y.to),
  };
}

export function scaleSensitivities(a: Sensitivities, factor: number): Sensitivities {
  const scaled = new Map<number, Sensitivity>();
  for (const [source, x] of a) scaled.set(source, { ...x, root: x.root * factor, most: x.most * factor });
  return scaled;
}

export function rotateSensitivities(a: Sensitivities, steps: number, slots: number): Sensitivities {
  const turned = new Map<number, Sensitivity>();
  for (const [source, x] of a) {
    const [from, to] = [x.from + steps, x.to + steps];
    // What wraps around in part may be anywhere.
    const range = from >= slots ? [from - slots, to - slots] : to <= slots ? [from, to] : [0, slots];
    turned.set(source, { ...x, from: range[0]!, to: range[1]! });
  }
  return turned;
}

/** Source by source the smaller one, where `applies`; sources that `limit` does not know stay as they are. */
export function leastSensitivities(
  a: Sensitivities,
  limit: Sensitivities,
  applies: (source: number) => boolean,
): Sensitivities {
  const least = new Map(a);
  for (const [source, y] of limit) {
    const x = a.get(source);
    if (x !== undefined && applies(source) && y.root < x.root) least.set(source, y);
  }
  return least;
}
