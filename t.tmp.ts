import { simulate } from './src/pricing/montecarlo/simulate.ts';
const m={spots:[100],vols:[0.2],dividendYields:[0.01],rate:0.05};
const sob={kind:'sobol',seed:1,pathsPerScrambling:4096} as const, ps={kind:'pseudo',seed:1,paths:65536} as const;
const show=(n:string,r:any)=>console.log(n,JSON.stringify(r));
for(const sampling of [sob,ps,{...ps,antithetic:true}] as const) for (const greeks of ['pathwise','likelihoodRatio'] as const)
 show('eu',simulate({market:m,times:[1],payoff:{kind:'european',type:'call',strike:100},sampling,greeks,controls:['spot']}));
import { blackScholesAllGreeks } from './src/pricing/black-scholes-all-greeks.ts';
const one=(x:number)=>Float64Array.of(x); const g=blackScholesAllGreeks({sign:one(1),spot:one(100),strike:one(100),expiryYears:one(1),rate:one(.05),dividendYield:one(.01),vol:one(.2)}); console.log(g.price[0],g.delta[0],g.vega[0],g.gamma[0]);
const times=Array.from({length:12},(_,i)=>(i+1)/12);
for(const sampling of [sob,ps]) show('asian',simulate({market:m,times,payoff:{kind:'asian',average:'arithmetic',type:'call',strike:100},sampling,greeks:'pathwise',controls:['geometric']}));
for(const monitoring of ['continuous','discrete'] as const)show('lookback',simulate({market:m,times,payoff:{kind:'lookback',strikeKind:'floating',type:'put',monitoring},sampling:sob}));
show('lookback',simulate({market:m,times:[1],payoff:{kind:'lookback',strikeKind:'floating',type:'put',monitoring:'continuous'},sampling:sob}));
for(const t of [[1],times]) show('barrier',simulate({market:m,times:t,payoff:{kind:'barrier',barrierType:'down_out',type:'call',strike:100,barrier:90,monitoring:'continuous'},sampling:sob,controls:['european']}));
const m3={spots:[100,90,110],vols:[.2,.3,.25],dividendYields:[0,.01,.02],rate:.03,correlation:[[1,.5,.2],[.5,1,.3],[.2,.3,1]]};
for(const greeks of ['pathwise','likelihoodRatio'] as const)show('basket',simulate({market:m3,times:[1],payoff:{kind:'basket',type:'call',strike:100,weights:[1/3,1/3,1/3]},sampling:sob,greeks,controls:['geometric','spot']}));
console.log('----');
for(const sampling of [sob,ps]) for (const controls of [[],['spot']] as const) for (const greeks of ['pathwise','likelihoodRatio'] as const){
 const r=simulate({market:m,times:[1],payoff:{kind:'european',type:'call',strike:100},sampling,greeks,controls}); console.log(sampling.kind,controls,greeks,r.price.standardError,r.delta![0]!.standardError,r.vega![0]!.standardError,r.gamma?.[0]!.standardError);}
for(const sampling of [sob,ps]) for (const controls of [[],['geometric']] as const){ const r=simulate({market:m,times,payoff:{kind:'asian',average:'arithmetic',type:'call',strike:100},sampling,greeks:'pathwise',controls}); console.log(sampling.kind,controls,r.price.standardError,r.delta![0]!.standardError,r.vega![0]!.standardError);}
for(const sampling of [sob,ps]) for (const controls of [[],['geometric'],['spot'],['geometric','spot']] as const){ const r=simulate({market:m3,times:[1],payoff:{kind:'basket',type:'call',strike:100,weights:[1/3,1/3,1/3]},sampling,greeks:'pathwise',controls}); console.log(sampling.kind,controls,r.price.standardError,r.delta![0]!.standardError,r.vega![0]!.standardError);}
for (const paths of [1<<16]) for(const [steps,assets] of [[1,1],[12,1],[52,1],[252,1],[12,5]] as const) for(const kind of ['pseudo','sobol'] as const){
 const mm={spots:Array(assets).fill(100),vols:Array(assets).fill(.2),dividendYields:Array(assets).fill(0),rate:.03,correlation:Array.from({length:assets},(_,i)=>Array.from({length:assets},(_,j)=>i===j?1:.5))};
 const spec={market:mm,times:Array.from({length:steps},(_,i)=>(i+1)/steps),payoff:assets===1?{kind:'asian',average:'arithmetic',type:'call',strike:100}:{kind:'basket',type:'call',strike:100,weights:Array(assets).fill(1/assets)},sampling:kind==='pseudo'?{kind,seed:1,paths}:{kind,seed:1,pathsPerScrambling:paths/16}} as any;
 simulate(spec); let best=1e9; for(let i=0;i<3;i++){const t=performance.now(); simulate(spec); best=Math.min(best,performance.now()-t);} console.log(steps,assets,kind,best.toFixed(1),'ms',(best*1e6/paths/steps/assets).toFixed(1),'ns per path-step-asset');
}
