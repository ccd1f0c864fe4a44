import { concatBytes } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';

/* Merkle trees of RFC 6962, section 2.1: leaves and nodes are hashed under different prefixes. */

function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256Of(concatBytes([Uint8Array.of(0), leaf]));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Of(concatBytes([Uint8Array.of(1), left, right]));
}

/** The largest power of two below n. */
function splitOf(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}

/** MTH of the RFC. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256Of(new Uint8Array(0));
  if (leaves.length === 1) return leafHash(leaves[0]!);
  const split = splitOf(leaves.length);
  return nodeHash(merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

/** PATH of section 2.1.1: siblings from the leaf at `index` up to the root. */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...inclusionPath(leaves.slice(0, split), index), merkleRoot(leaves.slice(split))]
    : [...inclusionPath(leaves.slice(split), index - split), merkleRoot(leaves.slice(0, split))];
}

/** The root to which a path leads from a leaf at `index` of `size`; undefined for a path of another length. */
export function rootOfInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size))
    return undefined;
  if (size === 1) return path.length === 0 ? leafHash(leaf) : undefined;
  const sibling = path.at(-1);
  if (sibling === undefined) return undefined;
  const split = splitOf(size);
  const below = path.slice(0, -1);
  if (index < split) {
    const left = rootOfInclusion(leaf, index, split, below);
    return left && nodeHash(left, sibling);
  }
  const right = rootOfInclusion(leaf, index - split, size - split, below);
  return right && nodeHash(sibling, right);
}
