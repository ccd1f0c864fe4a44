/** A box to be placed: its height, its column, and the boxes to its left that it is joined to, by index. */
export type LayoutBox = { readonly height: number; readonly layer: number; readonly from: readonly number[] };

/** Centre of every box, and for every edge (box, position in `from`) the heights at which it crosses the columns between. */
export type Layout = {
  readonly y: readonly number[];
  readonly height: number;
  readonly bends: ReadonlyMap<string, readonly number[]>;
};

const GAP = 14;
/** Height that an edge takes where it passes a column. */
const LANE = 10;
const SWEEPS = 24;

/** A box, or a point of an edge that passes a column. */
type Item = {
  readonly height: number;
  readonly layer: number;
  readonly left: number[];
  readonly right: number[];
};

/**
 * Places a layered graph: points where edges pass a column are items too, each column is ordered by the mean position
 * of its neighbours (K. Sugiyama, S. Tagawa and M. Toda, IEEE Transactions on Systems, Man, and Cybernetics 11 (1981)),
 * keeping the order with the fewest crossings, and items are then drawn as near to their neighbours as the order allows.
 */
export function layoutOf(boxes: readonly LayoutBox[]): Layout {
  const items: Item[] = boxes.map(({ height, layer }) => ({ height, layer, left: [], right: [] }));
  const lanes = new Map<string, number[]>();
  // Edges of one source share their way as far as they go together.
  const shared = new Map<string, number>();
  const join = (from: number, to: number): void => {
    items[from]!.right.push(to);
    items[to]!.left.push(from);
  };
  boxes.forEach(({ from, layer }, box) => {
    from.forEach((source, position) => {
      const passed: number[] = [];
      let last = source;
      for (let column = boxes[source]!.layer + 1; column < layer; column++) {
        let lane = shared.get(`${source} ${column}`);
        if (lane === undefined) {
          lane = items.push({ height: LANE, layer: column, left: [], right: [] }) - 1;
          shared.set(`${source} ${column}`, lane);
          join(last, lane);
        }
        passed.push(lane);
        last = lane;
      }
      join(last, box);
      lanes.set(`${box} ${position}`, passed);
    });
  });
  const layers = orderLayers(items);
  const y = coordinates(items, layers);
  const top = Math.min(...items.map(({ height }, i) => y[i]! - height / 2));
  const shifted = y.map((value) => value - top);
  return {
    y: shifted.slice(0, boxes.length),
    height: Math.max(...items.map(({ height }, i) => shifted[i]! + height / 2)),
    bends: new Map([...lanes].map(([edge, passed]) => [edge, passed.map((lane) => shifted[lane]!)])),
  };
}

function orderLayers(items: readonly Item[]): number[][] {
  const layers: number[][] = [];
  items.forEach(({ layer }, item) => {
    layers[layer] ??= [];
    layers[layer].push(item);
  });
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(items, best);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const forward = sweep % 2 === 0;
    const order = layers.map((_, i) => (forward ? i : layers.length - 1 - i));
    for (const at of order) {
      const position = positionsOf(layers);
      const mean = (item: number): number => {
        const near = forward ? items[item]!.left : items[item]!.right;
        if (near.length === 0) return position.get(item)!;
        return near.reduce((sum, other) => sum + position.get(other)!, 0) / near.length;
      };
      layers[at]!.sort((a, b) => mean(a) - mean(b));
    }
    const found = crossings(items, layers);
    if (found < fewest) {
      fewest = found;
      best = layers.map((layer) => [...layer]);
    }
  }
  return best;
}

/** Rank of every item in its column, between 0 and 1, so that columns of different lengths can be compared. */
function positionsOf(layers: readonly (readonly number[])[]): Map<number, number> {
  return new Map(
    layers.flatMap((layer) => layer.map((item, rank) => [item, (rank + 0.5) / layer.length] as const)),
  );
}

function crossings(items: readonly Item[], layers: readonly (readonly number[])[]): number {
  let count = 0;
  for (let at = 0; at + 1 < layers.length; at++) {
    const rank = new Map(layers[at + 1]!.map((item, i) => [item, i]));
    const ends = layers[at]!.flatMap((item) =>
      items[item]!.right.map((other) => rank.get(other)!).sort((a, b) => a - b),
    );
    for (let i = 0; i < ends.length; i++)
      for (let j = i + 1; j < ends.length; j++) if (ends[i]! > ends[j]!) count++;
  }
  return count;
}

function coordinates(items: readonly Item[], layers: readonly (readonly number[])[]): number[] {
  const y = new Array<number>(items.length).fill(0);
  for (const layer of layers)
    place(
      layer,
      items,
      y,
      layer.map((_, rank) => 48 * rank),
    );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const order = sweep % 2 === 0 ? layers : [...layers].reverse();
    for (const layer of order) {
      const wanted = layer.map((item) => {
        const near = [...items[item]!.left, ...items[item]!.right];
        return near.length === 0 ? y[item]! : near.reduce((sum, other) => sum + y[other]!, 0) / near.length;
      });
      place(layer, items, y, wanted);
    }
  }
  return y;
}

/**
 * Sets the centres nearest to the wanted ones, in the least-squares sense, that keep the order and do not overlap: after
 * the stacked heights are taken off this is isotonic regression, solved by pooling adjacent violators.
 */
function place(
  layer: readonly number[],
  items: readonly Item[],
  y: number[],
  wanted: readonly number[],
): void {
  let stacked = 0;
  const offsets = layer.map((item, rank) => {
    if (rank > 0) stacked += (items[layer[rank - 1]!]!.height + items[item]!.height) / 2 + GAP;
    return stacked;
  });
  const pools: { sum: number; count: number }[] = [];
  layer.forEach((_, rank) => {
    let pool = { sum: wanted[rank]! - offsets[rank]!, count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  let rank = 0;
  for (const { sum, count } of pools) {
    for (let i = 0; i < count; i++, rank++) y[layer[rank]!] = sum / count + offsets[rank]!;
  }
}
