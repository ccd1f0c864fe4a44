/*
 * Loads a relinearisation key from a file into kernels, in a process of its own, and prints what that took:
 * node load-key-file.ts JSON, of { degree, primes, path, sha256 }.
 */
import { openFile } from '../../src/base/byte-stream.ts';
import { KernelEvaluator } from '../../src/ckks/kernel/evaluator.ts';

const { degree, primes, path, sha256 } = JSON.parse(process.argv[2]!);
const evaluator = new KernelEvaluator({ degree, primes });
const before = process.memoryUsage.rss();
await using stream = await openFile(path);
const spec = { relinearise: true, rotations: [], conjugate: false };
await evaluator.importKeyStreams(spec, { form: 'full', relinearisation: { stream, sha256 } });
// Kibibytes, by the documentation.
const peak = process.resourceUsage().maxRSS * 1024;
console.log(
  JSON.stringify({ grownBytes: peak - before, memoryBytes: evaluator.ring.kernels.memory.buffer.byteLength }),
);
