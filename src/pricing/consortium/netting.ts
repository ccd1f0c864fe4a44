import { type Matrix, matrixOf } from '../../numeric/matrix.ts';

/** A trade of a contract: the buyer holds `quantity` above 0 against the seller. */
export type CompressedTrade = { readonly buyer: number; readonly seller: number; readonly quantity: number };

/** Net position of every firm, from what each holds against each other: element (i, j) = -(j, i). */
export function netPositions({ rows, cols, data }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) =>
    data.subarray(i * cols, (i + 1) * cols).reduce((sum, x) => sum + x, 0),
  );
}

/**
 * The trades that leave every firm its net position and the least gross notional, by the north-west corner rule (F193): walk through buyers and sellers in
 * their order, each time trading what both still need. At most one trade fewer than there are firms with a net position.
 */
export function compressTrades(nets: Float64Array): readonly CompressedTrade[] {
  const trades: CompressedTrade[] = [];
  const left = nets.slice();
  let [buyer, seller] = [0, 0];
  for (;;) {
    while (buyer < left.length && !(left[buyer]! > 0)) buyer++;
    while (seller < left.length && !(left[seller]! < 0)) seller++;
    if (buyer === left.length || seller === left.length) return trades;
    const quantity = Math.min(left[buyer]!, -left[seller]!);
    trades.push({ buyer, seller, quantity });
    left[buyer]! -= quantity;
    left[seller]! += quantity;
  }
}

/** Such trades as positions of each firm against each other. */
export function tradePositions(firms: number, trades: readonly CompressedTrade[]): Matrix {
  const positions = matrixOf(firms, firms);
  for (const { buyer, seller, quantity } of trades) {
    positions.data[buyer * firms + seller]! += quantity;
    positions.data[seller * firms + buyer]! -= quantity;
  }
  return positions;
}
