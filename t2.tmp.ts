import { readFileSync } from 'node:fs';
import { simulateAsianOptions } from './src/pricing/montecarlo/asian-model.ts';
const load=(n:string)=>{const [h,...l]=readFileSync('/work/shared/vectors/'+n,'utf8').trimEnd().split(/\r?\n/); const names=h!.split(','); return l.map(x=>Object.fromEntries(x.split(',').map((v,i)=>[names[i],v]))) as any[];};
const rows=load('asian.csv').filter(r=>r.arithmetic_mc_cv!=='');
const num=(f:string)=>Float64Array.from(rows,r=>Number(r[f]));
const res=simulateAsianOptions({type:rows.map(r=>r.type),spot:num('spot'),strike:num('strike'),fixingDays:rows.map(r=>r.fixing_days),rate:num('r'),dividendYield:num('q'),vol:num('vol')});
rows.forEach((r,i)=>console.log(r.id,r.type,(r.strike/r.spot).toFixed(3),'n',r.fixing_days.split(' ').length,'ref',r.arithmetic_mc_cv,r.arithmetic_mc_stderr,'ours',res.price[i],res.standardError[i], ((res.price[i]!-r.arithmetic_mc_cv)/Math.hypot(res.standardError[i]!,r.arithmetic_mc_stderr)).toFixed(2), 'geo',r.geometric_discrete));
