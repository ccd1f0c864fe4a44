import { readFileSync } from 'node:fs';
import { evaluateAll, type Fixture } from './evaluate.ts';

// Run by run.ts under Deno, with the fixture's file as its argument.
const path = process.argv[2];
if (path === undefined) throw new Error('expected the path of a fixture');
const results = await evaluateAll(JSON.parse(readFileSync(path, 'utf8')) as Fixture);
console.log(JSON.stringify(results));
process.exit(0);
