import { brownianBridge, buildBrownianPaths } from '../../numeric/brownian-bridge.ts';
import { fillExp } from '../../numeric/exp-fill.ts';
import { fillNormals } from '../../numeric/normal-fill.ts';
import { SeededRandom } from '../../numeric/seeded.ts';
import { fillSobol, SOBOL_DIMENSIONS, type SobolNet, scrambleSobol, sobolNet } from '../../numeric/sobol.ts';
import type { SimulationPlan } from './plan.ts';
import type { Sampling } from './specification.ts';

/** A block of paths, a column a time of an underlying: element (asset x steps + step) x count + path. */
export type PathBlock = {
  readonly count: number;
  readonly steps: number;
  readonly spots: Float64Array;
  /** ln of `spots`. */
  readonly logs: Float64Array;
  /** Uniform numbers beyond those that made the paths: element u x count + path. Inside (0, 1). */
  readonly uniforms: Float64Array;
};

/** Which stream of the seed a block takes, so that different uses of one seed never share numbers. */
export type StreamUse = 'pricing' | 'training';

const USE_OFFSET: Readonly<Record<StreamUse, number>> = { pricing: 0, training: 2 ** 48 };
/** Streams for the dimensions beyond those of the Sobol' sequence come after all scramblings. */
const PADDING_OFFSET = 2 ** 47;

/** Makes blocks of paths (F115): any block, in any order, always the same numbers. */
export class PathGenerator {
  readonly #plan: SimulationPlan;
  readonly #kind: Sampling['kind'];
  readonly #random: SeededRandom;
  readonly #offset: number;
  readonly #uniformDimensions: number;
  readonly #bridge: ReturnType<typeof brownianBridge>;
  readonly #normals: Float64Array;
  readonly #uniforms: Float64Array;
  readonly #logs: Float64Array;
  readonly #spots: Float64Array;
  readonly #words: Uint32Array;
  #net: { readonly scrambling: number; readonly net: SobolNet } | undefined;
  #count = 0;

  /** @param uniformDimensions uniform numbers that a path needs beyond its normals. */
  constructor(
    plan: SimulationPlan,
    kind: Sampling['kind'],
    uniformDimensions: number,
    use: StreamUse = 'pricing',
  ) {
    const numbers = plan.assets * plan.steps * plan.blockSamples;
    this.#plan = plan;
    this.#kind = kind;
    this.#random = new SeededRandom(plan.seed);
    this.#offset = USE_OFFSET[use];
    this.#uniformDimensions = uniformDimensions;
    this.#bridge = brownianBridge(plan.times);
    this.#normals = new Float64Array(numbers);
    this.#logs = new Float64Array(numbers);
    this.#spots = new Float64Array(numbers);
    this.#uniforms = new Float64Array(uniformDimensions * plan.blockSamples);
    this.#words = new Uint32Array(plan.blockSamples);
  }

  /** The paths of a block. The arrays are overwritten by the next call. */
  block(index: number): PathBlock {
    const { samplesPerScrambling, blockSamples, scramblings, blocks } = this.#plan;
    const blocksEach = blocks / scramblings;
    const scrambling = Math.floor(index / blocksEach);
    const first = (index % blocksEach) * blockSamples;
    this.#count = Math.min(blockSamples, samplesPerScrambling - first);
    this.#draw(index, scrambling, first);
    this.#correlate();
    return this.#paths();
  }

  /** The antithetic paths of the last block: every normal negated, every uniform number taken from 1. */
  reflected(): PathBlock {
    const normals = this.#normals;
    const uniforms = this.#uniforms;
    for (let i = 0; i < normals.length; i++) normals[i] = -normals[i]!;
    for (let i = 0; i < uniforms.length; i++) uniforms[i] = 1 - uniforms[i]!;
    return this.#paths();
  }

  #draw(index: number, scrambling: number, first: number): void {
    const { assets, steps } = this.#plan;
    const count = this.#count;
    const normalDimensions = assets * steps;
    const dimensions = normalDimensions + this.#uniformDimensions;
    const words = count === this.#words.length ? this.#words : this.#words.subarray(0, count);
    const net =
      this.#kind === 'sobol' ? this.#netOf(scrambling, Math.min(dimensions, SOBOL_DIMENSIONS)) : undefined;
    const inNet = net?.dimensions ?? 0;
    const rest =
      inNet < dimensions
        ? this.#random.stream(this.#offset + (net === undefined ? 0 : PADDING_OFFSET) + index)
        : undefined;
    for (let d = 0; d < dimensions; d++) {
      if (net !== undefined && d < inNet) fillSobol(net, d, first, words);
      else rest!.fillWords(words);
      if (d < normalDimensions) fillNormals(words, this.#normals.subarray(d * count, (d + 1) * count));
      else {
        const at = (d - normalDimensions) * count;
        for (let p = 0; p < count; p++) this.#uniforms[at + p] = (words[p]! + 0.5) * 2 ** -32;
      }
    }
  }

  #netOf(scrambling: number, dimensions: number): SobolNet {
    if (this.#net?.scrambling !== scrambling) {
      const random = this.#random.stream(this.#offset + scrambling);
      this.#net = { scrambling, net: scrambleSobol(sobolNet(dimensions), random) };
    }
    return this.#net.net;
  }

  /**
   * Dimension level x assets + asset: N_i becomes sum_j L_ij N_j, the last underlying first, so that it can be done
   * in place.
   */
  #correlate(): void {
    const { assets, steps, factor } = this.#plan;
    const count = this.#count;
    const normals = this.#normals;
    if (assets === 1) return;
    for (let level = 0; level < steps; level++) {
      for (let i = assets - 1; i >= 0; i--) {
        const to = (level * assets + i) * count;
        const diagonal = factor.data[i * assets + i]!;
        for (let p = 0; p < count; p++) normals[to + p]! *= diagonal;
        for (let j = 0; j < i; j++) {
          const from = (level * assets + j) * count;
          const weight = factor.data[i * assets + j]!;
          for (let p = 0; p < count; p++) normals[to + p]! += weight * normals[from + p]!;
        }
      }
    }
  }

  #paths(): PathBlock {
    const { assets, steps } = this.#plan;
    for (let asset = 0; asset < assets; asset++) {
      if (this.#plan.construction === 'bridge') this.#bridgePaths(asset);
      else this.#incrementPaths(asset);
    }
    const count = this.#count;
    fillExp(this.#logs, this.#spots, 0, assets * steps * count);
    return { count, steps, spots: this.#spots, logs: this.#logs, uniforms: this.#uniforms };
  }

  #bridgePaths(asset: number): void {
    const { assets, steps, times, spots, vols, rate, dividendYields } = this.#plan;
    const count = this.#count;
    const logs = this.#logs;
    const layout = { stride: assets, offset: asset, count };
    buildBrownianPaths(this.#bridge, this.#normals, layout, logs, asset * steps);
    const vol = vols[asset]!;
    const drift = rate - dividendYields[asset]! - 0.5 * vol * vol;
    for (let step = 0; step < steps; step++) {
      const mean = Math.log(spots[asset]!) + drift * times[step]!;
      const at = (asset * steps + step) * count;
      for (let p = 0; p < count; p++) logs[at + p] = mean + vol * logs[at + p]!;
    }
  }

  #incrementPaths(asset: number): void {
    const { assets, steps, times, spots, vols, rate, dividendYields } = this.#plan;
    const count = this.#count;
    const logs = this.#logs;
    const normals = this.#normals;
    const vol = vols[asset]!;
    const drift = rate - dividendYields[asset]! - 0.5 * vol * vol;
    for (let step = 0; step < steps; step++) {
      const years = times[step]! - (step === 0 ? 0 : times[step - 1]!);
      const deviation = vol * Math.sqrt(years);
      const mean = drift * years;
      const to = (asset * steps + step) * count;
      const from = (step * assets + asset) * count;
      if (step === 0) {
        const start = Math.log(spots[asset]!) + mean;
        for (let p = 0; p < count; p++) logs[to + p] = start + deviation * normals[from + p]!;
      } else {
        const before = to - count;
        for (let p = 0; p < count; p++)
          logs[to + p] = logs[before + p]! + mean + deviation * normals[from + p]!;
      }
    }
  }
}
