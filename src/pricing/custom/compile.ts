import { RangeError } from '../../base/errors.ts';
import type { Expression, PayoffExpression } from './expression.ts';
import { createEvaluator, type Instruction, type PayoffProgram } from './program.ts';
import type { Statistic } from './vocabulary.ts';

/** Values of an expression's parameters by name. */
export type ParameterValues = Readonly<Record<string, number>>;

/**
 * Compiles a payoff for given parameters; what they make constant is computed once, here.
 * @throws RangeError naming a parameter without a finite value, or the position where a constant part is not finite.
 */
export function compilePayoff(expression: PayoffExpression, values: ParameterValues = {}): PayoffProgram {
  for (const name of expression.parameters) {
    if (!Number.isFinite(values[name])) {
      throw new RangeError(`expected a finite number as parameter ${name}, found ${values[name]}`, {
        parameter: name,
        found: String(values[name]),
      });
    }
  }
  return new Compiler(expression.assets, values).program(expression.source, expression.root);
}

/** Compiles a part of a payoff, as {@link compilePayoff} does the whole. */
export function compilePart(
  expression: PayoffExpression,
  part: Expression,
  values: ParameterValues,
): PayoffProgram {
  return new Compiler(expression.assets, values).program(expression.source, part);
}

/** Where a value lives until the layout of the registers is known. */
type Place =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'temporary'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: number };

class Compiler {
  readonly #assets: number;
  readonly #values: ParameterValues;
  readonly #inputs: { statistic: Statistic; asset: number }[] = [];
  readonly #constants: number[] = [];
  readonly #code: { operation: Instruction['operation']; to: number; operands: Place[] }[] = [];
  #temporaries = 0;

  constructor(assets: number, values: ParameterValues) {
    this.#assets = assets;
    this.#values = values;
  }

  program(source: string, root: Expression): PayoffProgram {
    const result = this.#compile(root, 0);
    // Constants of folded instructions that are left over cost nothing but their number.
    const placed = this.#code.map(({ operation, to, operands }) => ({
      operation,
      to: this.#register({ kind: 'temporary', index: to }),
      operands: operands.map((operand) => this.#register(operand)),
    }));
    const resultRegister = this.#register(result);
    // Constants may have been added while placing: temporaries come after all of them.
    const shift = (register: number): number =>
      register >= TEMPORARIES
        ? register - TEMPORARIES + this.#inputs.length + this.#constants.length
        : register >= CONSTANTS
          ? register - CONSTANTS + this.#inputs.length
          : register;
    return {
      source,
      assets: this.#assets,
      inputs: this.#inputs,
      constants: this.#constants,
      temporaries: this.#temporaries,
      instructions: placed.map(({ operation, to, operands }) => ({
        operation,
        to: shift(to),
        operands: operands.map(shift),
      })),
      result: shift(resultRegister),
    };
  }

  #register(place: Place): number {
    if (place.kind === 'input') return place.index;
    if (place.kind === 'temporary') return TEMPORARIES + place.index;
    let index = this.#constants.findIndex((constant) => Object.is(constant, place.value));
    if (index < 0) index = this.#constants.push(place.value) - 1;
    return CONSTANTS + index;
  }

  /** `depth` temporaries are in use by what is computed around this node. */
  #compile(node: Expression, depth: number): Place {
    switch (node.kind) {
      case 'number':
        return { kind: 'constant', value: node.value };
      case 'parameter':
        return { kind: 'constant', value: this.#values[node.name]! };
      case 'path': {
        const { statistic, asset } = node;
        const found = this.#inputs.findIndex(
          (input) => input.statistic === statistic && input.asset === asset,
        );
        return { kind: 'input', index: found >= 0 ? found : this.#inputs.push({ statistic, asset }) - 1 };
      }
      default: {
        let used = depth;
        const operands: Place[] = node.operands.map((operand) => {
          const place = this.#compile(operand, used);
          if (place.kind === 'temporary') used++;
          return place;
        });
        const constants: number[] = [];
        for (const place of operands) if (place.kind === 'constant') constants.push(place.value);
        if (constants.length === operands.length) {
          return { kind: 'constant', value: fold(node.operation, constants, node.position) };
        }
        this.#code.push({ operation: node.operation, to: depth, operands });
        this.#temporaries = Math.max(this.#temporaries, used, depth + 1);
        return { kind: 'temporary', index: depth };
      }
    }
  }
}

const CONSTANTS = 2 ** 20;
const TEMPORARIES = 2 ** 21;

function fold(operation: Instruction['operation'], constants: readonly number[], position: number): number {
  const value = createEvaluator(
    {
      source: '',
      assets: 1,
      inputs: [],
      constants,
      temporaries: 1,
      instructions: [{ operation, to: constants.length, operands: constants.map((_, i) => i) }],
      result: constants.length,
    },
    1,
  ).evaluate(1)[0]!;
  if (!Number.isFinite(value)) {
    throw new RangeError(
      `character ${position}: ${operation} of ${constants.join(', ')} is ${value}, expected a finite number`,
      { position },
    );
  }
  return value;
}
