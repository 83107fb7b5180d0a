import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuSeconds, middleOf, rssMb } from './bench/measure.ts'
import { parkTasks, runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'
import { withServers } from './bench/with-servers.ts'
import { type ScaleTurn, scaleResult } from './capacity/scale-result.ts'
import { markdownTables } from './load/evaluation/markdown-tables.ts'
import { originOf } from './load/origin.ts'

/**
 * `npm run bench:scale`: whether a task costs the same however many others are active, and whether two orchestrators are slower than one. Tasks that wait are
 * parked in steps, and between them the same load runs; then one and two orchestrators take turns, each in fresh processes. With --json FILE the
 * tables are kept as docs/EVALUATION_RESULTS.md reads them.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    tasks: { type: 'string', default: '8000' },
    /** Active tasks beside the load, rising. */
    active: { type: 'string', default: '1000,50000,200000' },
    rounds: { type: 'string', default: '3' },
  },
})
const tasks = Number(values.tasks)
const rounds = Number(values.rounds)
const steps = values.active.split(',').map(Number)
const UNDER_WAY = 1000
const WARM_UP = 4000
/** Each accepted task has room in the log until its end, as docs/capacity.md says: so many of them, as large as those of the load, are promised a GiB. */
const PARKED_A_GIB = 4500
const MIN_STORAGE_GIB = 8

const say = (line: string) => process.stderr.write(`${line}\n`)
const origin = originOf(
  `npm run bench:scale${process.argv[2] === undefined ? '' : ` -- ${process.argv.slice(2).join(' ')}`}`,
  new Date(),
)
const traces = await startTraceSink()
try {
  const result = scaleResult({ active: await measureActive(), orchestrators: await measureTwo() }, origin)
  process.stdout.write(`${markdownTables(result)}\n`)
  if (values.json !== undefined) writeFileSync(resolve(values.json), `${JSON.stringify(result, null, 2)}\n`)
} finally {
  traces.stop()
}

async function measureActive(): Promise<ScaleTurn[]> {
  return await withServers(say, async (servers) => {
    const storageGib = Math.max(MIN_STORAGE_GIB, Math.ceil(Math.max(...steps) / PARKED_A_GIB) + 6)
    const product = await startProduct(servers, traces.url, {
      MURMUR_STORAGE_GIB: String(storageGib),
      MURMUR_MAX_ACTIVE_TASKS: '0',
      MURMUR_MAX_WAITING_STEPS: '0',
      MURMUR_TENANT_MAX_ACTIVE: '0',
    })
    try {
      await runSaturated(product, WARM_UP, UNDER_WAY)
      const found: ScaleTurn[] = []
      let parked = 0
      for (const active of steps) {
        const before = parked
        await parkTasks(product, active - parked, (more) => say(`${before + more} of ${active} are parked`))
        parked = active
        // Several, and the middle: one turn is a second or two.
        const turns: { perSecond: number; cpuUs: number }[] = []
        for (let i = 0; i < rounds; i++) turns.push(await turn(product))
        found.push({
          count: active,
          perSecond: middleOf(turns.map(({ perSecond }) => perSecond)),
          cpuUs: middleOf(turns.map(({ cpuUs }) => cpuUs)),
          rssMb: rssMb(product.pids.orchestrator),
        })
        say(`${active} active beside it: ${found.at(-1)!.perSecond} tasks/s`)
      }
      return found
    } finally {
      await product.stop()
    }
  })
}

async function measureTwo(): Promise<ScaleTurn[]> {
  const found = new Map<number, { perSecond: number; cpuUs: number; rssMb: number }[]>([
    [1, []],
    [2, []],
  ])
  for (let i = 0; i < rounds; i++) {
    for (const count of i % 2 === 0 ? [1, 2] : [2, 1]) {
      await withServers(say, async (servers) => {
        const product = await startProduct(servers, traces.url, {}, count)
        try {
          await runSaturated(product, WARM_UP, UNDER_WAY)
          const one = { ...(await turn(product)), rssMb: rssMb(product.pids.orchestrator) }
          found.get(count)!.push(one)
          say(`${count} orchestrators: ${one.perSecond} tasks/s`)
        } finally {
          await product.stop()
        }
      })
    }
  }
  return [...found].map(([count, turns]) => ({
    count,
    perSecond: middleOf(turns.map(({ perSecond }) => perSecond)),
    cpuUs: middleOf(turns.map(({ cpuUs }) => cpuUs)),
    rssMb: middleOf(turns.map((one) => one.rssMb)),
  }))
}

async function turn(
  product: Awaited<ReturnType<typeof startProduct>>,
): Promise<{ perSecond: number; cpuUs: number }> {
  const used = () => product.orchestrators.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const before = used()
  const perSecond = await runSaturated(product, tasks, UNDER_WAY)
  return { perSecond, cpuUs: ((used() - before) / tasks) * 1e6 }
}
