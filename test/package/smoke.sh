#!/usr/bin/env bash
# Packs the library, installs the tarball in an empty folder, and uses it as somebody else would: every entry point, the
# types, and the command, on the oldest supported Node and on a current one.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$root"
npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
echo '{ "name": "smoke", "private": true, "type": "module", "allowScripts": { "node": true } }' >package.json
npm install --silent ./blindrisk-*.tgz node@22.12.0
cat > smoke.mjs <<'JS'
import { rehearse, parseMarket, BlindRiskError } from 'blindrisk';
import { blackScholesGreeks } from 'blindrisk/pricing';
import { record, executePlain } from 'blindrisk/algebra';
import { planCkks, CkksKeyHolder, ckksEvaluator } from 'blindrisk/ckks';
import { planMpc, runInProcess } from 'blindrisk/mpc';
import { TlsTransport } from 'blindrisk/mpc/node';
import { listedBasis } from 'blindrisk/risk';
import { createIdentity } from 'blindrisk/trust';
import { printReport } from 'blindrisk/engine';

const of = (x) => Float64Array.of(x);
const { price } = blackScholesGreeks({
  sign: of(1), spot: of(100), strike: of(100), expiryYears: of(1), rate: of(0.05), dividendYield: of(0), vol: of(0.2),
});
if (Math.abs(price[0] - 10.450583572185565) > 1e-12) throw new Error(`price ${price[0]}`);
const m = { rows: 2, cols: 2, data: Float64Array.of(1, 2, 3, 4) };
const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(m, x) }), { x: { length: 2, bound: 1 } });
const x = Float64Array.of(0.5, -0.25);
const truth = executePlain(circuit, { x }).y;
const plan = planCkks(circuit, { precision: 1e-6 });
const holder = await CkksKeyHolder.create(plan.parameters);
const evaluator = await ckksEvaluator(plan);
const encrypted = await evaluator.evaluate(await holder.encrypt(plan, { x }));
const shared = await runInProcess(planMpc(circuit, { parties: 3, threshold: 1 }), { x });
const decrypted = await holder.decryptRaw(plan, encrypted.ciphertexts);
if (typeof TlsTransport.connect !== 'function') throw new Error('no transport between processes');
for (const y of [decrypted, shared.outputs.y]) {
  y.forEach((value, i) => { if (!(Math.abs(value - truth[i]) <= 1e-6)) throw new Error(`${value} is not ${truth[i]}`); });
}
holder[Symbol.dispose]();
evaluator[Symbol.dispose]();
try { parseMarket('{', 'm.json'); throw new Error('parsed'); } catch (error) { if (!(error instanceof BlindRiskError)) throw error; }
for (const f of [rehearse, listedBasis, createIdentity, printReport]) if (typeof f !== 'function') throw new Error('missing');
console.log('entry points work on', process.version);
JS
PATH="$root/node_modules/.bin:$PATH" node smoke.mjs
./node_modules/.bin/node smoke.mjs
./node_modules/.bin/node node_modules/blindrisk/dist/cli/main.js demo --quiet
PATH="$root/node_modules/.bin:$PATH" ./node_modules/.bin/blindrisk report \
  --positions blindrisk-demo/positions.csv --market blindrisk-demo/market.json --scenarios blindrisk-demo/scenarios.csv \
  --engine ckks --open figures --out figures.json --quiet
grep -q '"pnl": null' figures.json
cat > smoke.ts <<'TS'
import { type Report, rehearse } from 'blindrisk';
import { planCkks } from 'blindrisk/ckks';
import { recordOrdered } from 'blindrisk/algebra';
const ordered = recordOrdered((alg, { x }) => ({ y: alg.kthSmallest(x, 1) }), { x: { length: 2, bound: 1 } });
// @ts-expect-error CKKS refuses what compares
planCkks(ordered, { precision: 1 });
export const run: Promise<Report> | undefined = undefined as ReturnType<typeof rehearse> | undefined;
TS
"$root/node_modules/.bin/tsc" --ignoreConfig --noEmit --strict --target es2024 --module nodenext --types node \
  --typeRoots "$root/node_modules/@types" smoke.ts
echo "the package works from an empty folder"
