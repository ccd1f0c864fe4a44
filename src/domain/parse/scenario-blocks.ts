import { throwIfAborted } from '../../base/progress.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import type { Market } from '../market.ts';
import type { ScenarioSet } from '../scenarios.ts';
import { csvBlocks } from './csv-blocks.ts';
import { HashedValues } from './hashed-values.ts';
import type { BlockOptions } from './position-blocks.ts';
import { ScenarioReader } from './scenarios.ts';

/**
 * Reads scenarios.csv in sets of `rows` scenarios, the last of what is left, oldest first: see `parseScenarios`.
 * @throws ParseError where a factor has no column or a value does not follow the format; AbortError when the signal fires.
 */
export async function* parseScenarioBlocks(
  chunks: AsyncIterable<string>,
  file: string,
  market: Market,
  rows: number,
  { signal, blockChars, onWarning }: BlockOptions = {},
): AsyncGenerator<ScenarioSet, void, undefined> {
  const { factors } = market;
  const reader = new ScenarioReader(file, market, new HashedValues('scenario'));
  const width = factors.length;
  let labels: string[] = [];
  let moves = new Float64Array(rows * width);
  const take = (): ScenarioSet => {
    const set = {
      labels,
      factors,
      moves: matrixOf(labels.length, width, moves.slice(0, labels.length * width)),
    };
    labels = [];
    moves = new Float64Array(rows * width);
    return set;
  };
  for await (const { text, linesBefore } of csvBlocks(chunks, blockChars)) {
    throwIfAborted(signal, `reading ${file}`);
    const block = reader.read(text, linesBefore);
    for (const [s, label] of block.labels.entries()) {
      moves.set(block.moves.data.subarray(s * width, (s + 1) * width), labels.length * width);
      labels.push(label);
      if (labels.length === rows) yield take();
    }
  }
  if (labels.length > 0) yield take();
  for (const warning of reader.warnings()) onWarning?.(warning);
}
