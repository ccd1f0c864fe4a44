import { checkInput } from '../../algebra/plain.ts';
import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import { IntegrityError, PolicyError } from '../../base/errors.ts';
import type { ConsortiumProgram } from '../../risk/consortium/program.ts';

/** Of two, each learns the other's part from the sum. */
const LEAST_CONTRIBUTORS = 3;

/**
 * One collection of inputs: each firm submits once, under the agreed program, before anything is dealt; and nothing runs before enough have. What is
 * kept here is clear: in a network each firm keeps its own part, and deals it itself.
 */
export class SubmissionRound<S> {
  /** What a firm names to show that it read the same terms. */
  readonly digest: Digest;
  readonly #program: ConsortiumProgram<S>;
  readonly #inputs = new Map<string, Readonly<Record<string, Float64Array>>>();

  /** @throws PolicyError for a minimum below three, or a program of fewer firms than the minimum. */
  constructor(program: ConsortiumProgram<S>, minimumContributors: number) {
    const { name, firms, circuit, inputs, outputs } = program;
    if (!(Number.isInteger(minimumContributors) && minimumContributors >= LEAST_CONTRIBUTORS)) {
      throw new PolicyError(
        `expected a minimum of at least ${LEAST_CONTRIBUTORS} contributors, found ${minimumContributors}: of two, each learns the other's part`,
        { minimumContributors },
      );
    }
    if (firms.length < minimumContributors) {
      throw new PolicyError(
        `the program is of ${firms.length} firms, the agreed minimum is ${minimumContributors} contributors; nothing was dealt or opened`,
        { firms: firms.length, minimumContributors },
      );
    }
    this.#program = program;
    this.digest = digestOf('blindrisk/consortium/1', {
      name,
      firms,
      circuit: circuit.digest,
      inputs,
      outputs: Object.entries(outputs).map(([output, { to, scale, what }]) => ({ output, to, scale, what })),
      minimumContributors,
    });
  }

  /**
   * Takes a firm's submission, once.
   * @throws PolicyError for a firm that is not of the consortium or has submitted.
   * @throws IntegrityError for one that submits under other terms.
   * @throws ShapeError, RangeError for numbers outside what was agreed: the submission was not taken, and may be corrected.
   */
  submit(firm: string, terms: Digest, submission: S): void {
    if (!this.#program.firms.includes(firm))
      throw new PolicyError('the submitter is not a firm of this consortium');
    if (terms !== this.digest) {
      throw new IntegrityError(`${firm} submitted under other terms; read the agreed program again`, {
        expected: this.digest,
        found: terms,
      });
    }
    if (this.#inputs.has(firm)) {
      throw new PolicyError(`${firm} has submitted already; a correction needs a new round`, { firm });
    }
    const inputs = this.#program.prepare(firm, submission);
    for (const [name, values] of Object.entries(inputs)) {
      checkInput(name, values, this.#program.circuit.inputs[name]!);
    }
    this.#inputs.set(firm, inputs);
  }

  /** All inputs. @throws PolicyError naming who is missing. */
  close(): Readonly<Record<string, Float64Array>> {
    const missing = this.#program.firms.filter((firm) => !this.#inputs.has(firm));
    if (missing.length > 0) {
      throw new PolicyError(
        `${missing.join(', ')} did not submit; nothing was dealt or opened. Agree on a program without them, if enough remain`,
        { missing: missing.length },
      );
    }
    return Object.assign({}, ...this.#inputs.values());
  }
}
