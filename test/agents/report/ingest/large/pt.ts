import { readLargeTableOf } from '/work/wt/h-large/test/agents/report/ingest/large/read-large.ts'
const day=(i:number)=>new Date(Date.UTC(2015,0,1)+i*864e5).toISOString().slice(0,10)
let s=7;const r=()=>{s=(Math.imul(s,1664525)+1013904223)>>>0;return s/2**32}
const show=(n:string,x:any)=>{const p=x.whole.periods;console.log(n,p&&{g:p.granularity,rows:p.rows,c:p.columns.map((c:any)=>`${c.name}:${c.kind}`),f:p.columns[0].values.slice(0,2).map((v:number)=>new Date(v).toISOString().slice(0,10))})}
const mk=(h:string,f:(i:number)=>string,n=3000)=>h+'\n'+Array.from({length:n},(_,i)=>f(i)).join('\n')+'\n'
show('series',await readLargeTableOf(mk('day,x',i=>`${day(i)},${r().toFixed(3)}`)))
show('panel words',await readLargeTableOf(mk('day,shop,x',i=>`${day(Math.floor(i/6))},s${i%6},${r().toFixed(3)}`)))
show('panel ids',await readLargeTableOf(mk('day,shop_id,x',i=>`${day(Math.floor(i/6))},${100+i%6},${r().toFixed(3)}`)))
show('events',await readLargeTableOf(mk('day,kind,x',()=>`${day(Math.floor(r()*400))},${'abc'[Math.floor(r()*3)]},${r().toFixed(3)}`)))
