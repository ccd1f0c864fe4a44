import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openFile } from '../../../src/base/byte-stream.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { IntegrityError, UnsupportedError } from '../../../src/base/errors.ts';
import { CkksKeyHolder, ckksEvaluator, type KeyFile, type SlotCircuit } from '../../../src/ckks/index.ts';
import { KernelEvaluator } from '../../../src/ckks/kernel/evaluator.ts';
import { kernelEvaluatorHandlers } from '../../../src/ckks/worker/kernel-evaluator.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { insecureParameters } from '../../support/seal-contexts.ts';
import { ProgramWriter } from '../../support/slot-programs.ts';

const DEGREE = 4096;
const SCALE = 2 ** 30;
const BITS = [36, 30, 40];
const PARAMETERS = insecureParameters(DEGREE, [36, 30], 40);
const STEPS = [1, 7];
const SPEC = { relinearise: true, rotations: STEPS, conjugate: false };

function circuitOf(): SlotCircuit {
  const writer = new ProgramWriter(sealPrimes(DEGREE, BITS).slice(0, 2).map(BigInt));
  const [u] = writer.input('u', DEGREE / 2, SCALE);
  const product = writer.rescale(writer.relinearise(writer.multiply(u!, u!)));
  const total = STEPS.reduce((sum, step) => writer.add(sum, writer.rotate(product, step)), product);
  writer.output('total', DEGREE / 2, [total]);
  return {
    parameters: PARAMETERS,
    program: writer.program,
    resultBound: 3,
    error: { total: { absolute: 1e-4 } },
  };
}

describe.each(['seeded', 'full'] as const)('keys in files, %s', (form) => {
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-keys-'));
  const circuit = circuitOf();
  let holder: CkksKeyHolder;
  let bytes: { readonly relinearisation: Uint8Array; readonly galois: Uint8Array };
  const write = (name: string, content: Uint8Array): KeyFile => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { path, sha256: createHash('sha256').update(content).digest('hex') };
  };

  beforeAll(async () => {
    holder = await CkksKeyHolder.create(PARAMETERS);
    const { relinearisation, galois } = await holder.evaluationKeys(circuit, { form });
    bytes = { relinearisation: relinearisation!, galois: galois! };
  });
  afterAll(() => {
    holder[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  it('give the same results as keys in memory, on one worker and on two', async () => {
    const inputs = await holder.encrypt(circuit, {
      u: Float64Array.from({ length: DEGREE / 2 }, (_, i) => Math.sin(i)),
    });
    using direct = await ckksEvaluator(circuit, { keys: { form, ...bytes } });
    const { outputs } = await direct.evaluate(inputs);
    const files = {
      relinearisation: write('relinearisation', bytes.relinearisation),
      galois: write('galois', bytes.galois),
    };
    for (const workers of [1, 2]) {
      using evaluator = await ckksEvaluator(circuit, { keys: { form, files }, workers });
      expect((await evaluator.evaluate(inputs)).outputs).toEqual(outputs);
    }
    await expect(ckksEvaluator(circuit, { keys: { form, files }, evaluator: 'node-seal' })).rejects.toThrow(
      UnsupportedError,
    );
  });

  it.runIf(existsSync('/proc/self/fd'))('are closed whatever becomes of the other', async () => {
    const path = realpathSync(write('first', bytes.relinearisation).path);
    const opened = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          // The descriptor of the list itself is gone.
          return false;
        }
      });
    const { open, importKeyFiles } = kernelEvaluatorHandlers();
    const rest = [() => undefined, new AbortController().signal] as const;
    await open({ parameters: PARAMETERS }, ...rest);
    const missing = { path: join(folder, 'missing'), sha256: '0'.repeat(64) };
    for (const galois of [missing, write('not these keys', bytes.galois.subarray(1))]) {
      const files = { relinearisation: write('first', bytes.relinearisation), galois };
      const request = { spec: SPEC, keys: { form, files } };
      await expect(importKeyFiles(request, ...rest)).rejects.toThrow(galois === missing ? /ENOENT/ : /bytes/);
      expect(opened()).toEqual([]);
    }
    const good = { relinearisation: write('first', bytes.relinearisation), galois: write('g', bytes.galois) };
    const loading = importKeyFiles({ spec: SPEC, keys: { form, files: good } }, ...rest);
    await vi.waitUntil(() => opened().length === 1, { interval: 0 });
    await loading;
    expect(opened()).toEqual([]);
  });

  it('are refused where anything of them is another, and leave no page behind', async () => {
    const kernels = new KernelEvaluator({ degree: DEGREE, primes: sealPrimes(DEGREE, BITS) });
    const load = async (galois: KeyFile) => {
      await using stream = await openFile(galois.path);
      await using relinearisation = await openFile(write('r', bytes.relinearisation).path);
      const { sha256 } = write('r', bytes.relinearisation);
      await kernels.importKeyStreams(SPEC, {
        form,
        relinearisation: { stream: relinearisation, sha256 },
        galois: { stream, sha256: galois.sha256 },
      });
    };
    const { used } = kernels.ring.pool;
    const { galois } = bytes;
    const changedAt = (at: number) => galois.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const wrong: KeyFile[] = [
      // A field of the head, of a list, of a digit; cut; longer.
      ...[0, 20, 48, 56, galois.length - 1].map((at) => write(`at ${at}`, changedAt(at))),
      write('cut', galois.subarray(0, galois.length - 8)),
      write('longer', concatBytes([galois, galois.subarray(0, 8)])),
      write('empty', new Uint8Array()),
      // Sound bytes, of which another digest was expected; and a residue changed under the right digest of the others.
      { ...write('sound', galois), sha256: '0'.repeat(64) },
    ];
    const flipped = write('flipped', changedAt(56 + 8 * DEGREE + 200));
    wrong.push({ ...flipped, sha256: createHash('sha256').update(galois).digest('hex') });
    for (const file of wrong) {
      await expect(load(file), file.path).rejects.toThrow(IntegrityError);
      expect(kernels.ring.pool.used, file.path).toBe(used);
    }
    await load(write('again', galois));
    expect(kernels.ring.pool.used).toBeGreaterThan(used);
  });
});
