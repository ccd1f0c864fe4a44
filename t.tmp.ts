import { readFileSync } from 'node:fs';
import { simulateAsianOptions } from './src/pricing/montecarlo/asian-model.ts';
import { simulateAmerican } from './src/pricing/montecarlo/longstaff-schwartz.ts';
const load=(n:string)=>{const [h,...l]=readFileSync('/work/shared/vectors/'+n,'utf8').trimEnd().split(/\r?\n/); const names=h!.split(','); return l.map(x=>Object.fromEntries(x.split(',').map((v,i)=>[names[i],v]))) as any[];};
const rows=load('asian.csv').filter(r=>r.arithmetic_mc_cv!=='');
const num=(f:string)=>Float64Array.from(rows,r=>Number(r[f]));
let t=performance.now();
const res=simulateAsianOptions({type:rows.map(r=>r.type),spot:num('spot'),strike:num('strike'),fixingDays:rows.map(r=>r.fixing_days),rate:num('r'),dividendYield:num('q'),vol:num('vol')});
console.log('asian',rows.length,performance.now()-t);
const dev=rows.map((r,i)=>(res.price[i]!-Number(r.arithmetic_mc_cv))/Math.hypot(res.standardError[i]!,Number(r.arithmetic_mc_stderr)));
console.log('max dev',Math.max(...dev.map(Math.abs)), 'rms',Math.sqrt(dev.reduce((s,x)=>s+x*x,0)/dev.length), 'our se/S max',Math.max(...rows.map((r,i)=>res.standardError[i]!/r.spot)),'median', [...rows.map((r,i)=>res.standardError[i]!/r.spot)].sort((a,b)=>a-b)[rows.length>>1]);
const am=load('american_options.csv');
for(const r of am.slice(0,24)){ t=performance.now();
 const p=simulateAmerican({market:{spots:[+r.spot],vols:[+r.vol],dividendYields:[+r.q],rate:+r.r},type:r.type,strike:+r.strike,expiryYears:+r.t,dates:50,sampling:{kind:'sobol',seed:5,pathsPerScrambling:2048}});
 const S=+r.spot; console.log(r.id,r.regime,r.type,'err/S',((p.price.value-+r.price)/S).toExponential(2),'se/S',(p.price.standardError/S).toExponential(2),'premium/S',((+r.price-+r.european_price)/S).toExponential(2), 'rel to premium',((p.price.value-+r.price)/(+r.price-+r.european_price)).toFixed(4),'uncontrolled se',(p.simulation.uncontrolled.standardError/S).toExponential(1),(performance.now()-t).toFixed(0),'ms','vol√t',(r.vol*Math.sqrt(r.t)).toFixed(2),r.r,r.q);
}
