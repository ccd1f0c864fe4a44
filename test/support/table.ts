import type { ModelTable, PricingModel } from '../../src/pricing/model.ts';
import type { VectorFile } from './vectors.ts';

/** A reference file as the table of a model; only the model's own columns can be read. */
export function tableOf(file: VectorFile, model: PricingModel): ModelTable {
  const known = (name: string, kinds: readonly string[]): string => {
    const column = model.inputs.find((input) => input.name === name);
    if (column === undefined || !kinds.includes(column.kind)) {
      throw new Error(`${model.name} declares no ${kinds.join(' or ')} column ${name}`);
    }
    return name;
  };
  return {
    length: file.rows,
    number: (name) => file.numbers(known(name, ['number'])),
    text: (name) => file.text(known(name, ['choice', 'text'])),
  };
}
