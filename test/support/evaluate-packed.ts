/*
 * Evaluates the packed example on two workers, in a process of its own whose engine the caller chooses by flags:
 * node FLAGS evaluate-packed.ts FOLDER, which holds request.0, request.1 ...; writes answer.0 ... there and prints what it ran on.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ckksEvaluator } from '../../src/ckks/index.ts';
import { loadRing, loadSharedRing } from '../../src/kernels/ring.ts';
import { sharedMemory } from '../../src/kernels/wasm-module.ts';
import { packedExample } from './packed-example.ts';

const [folder] = process.argv.slice(2) as [string];
const requests = readdirSync(folder)
  .filter((name) => name.startsWith('request.'))
  .sort()
  .map((name) => new Uint8Array(readFileSync(join(folder, name))));

let shared = 'loads';
try {
  loadSharedRing(sharedMemory(2 ** 20)!);
} catch (error) {
  shared = (error as Error).name;
}
using evaluator = await ckksEvaluator(packedExample().plan, { workers: 2 });
const { ciphertexts } = await evaluator.evaluate(requests);
ciphertexts.forEach((bytes, index) => {
  if (bytes !== null) writeFileSync(join(folder, `answer.${index}`), bytes);
});
console.log(JSON.stringify({ variant: loadRing().variant, shared, runsOn: evaluator.runsOn }));
