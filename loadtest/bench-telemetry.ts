import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { formatTraceparent, newTrace } from '../services/platform/telemetry/traceparent.ts'
import { cpuSeconds, percentileOrNaN, round } from './bench/measure.ts'
import { type Product, runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'

/**
 * `npm run bench:telemetry`: what traces cost, in processor time of the orchestrator and the agents for a task, and in throughput. The same
 * load on real processes without a collector (`off`), and on real processes with one, where the client says which tasks are recorded:
 * none, one in twenty as is the default, or all. Those three take turns in the same processes, so that the machine, the
 * compiler and the heap are the same for them; only neighbours are compared. Metrics are counted in all of them. With --json
 * the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    tasks: { type: 'string', default: '3000' },
    underWay: { type: 'string', default: '400' },
    /** Of the three, in each round. */
    turns: { type: 'string', default: '4' },
  },
})
const [rounds, tasks, underWay, turns] = [values.rounds, values.tasks, values.underWay, values.turns].map(
  Number,
) as [number, number, number, number]

/** Which task of how many is recorded. */
const RECORDED = { none: 0, default: 1 / 20, all: 1 } as const
type Share = keyof typeof RECORDED
type Mode = 'off' | Share
interface Measured {
  perSecond: number
  cpuUs: number
}
const SHARES = Object.keys(RECORDED) as Share[]
/** What is recorded goes out within five seconds, and belongs to the turn that recorded it. */
const TAIL_MS = 5500

const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-telemetry-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
const traces = await startTraceSink()
const found: Record<Mode, Measured[]> = { off: [], none: [], default: [], all: [] }

try {
  for (let i = 0; i < rounds; i++) {
    const withOff = async () => {
      const product = await startProduct(servers, traces.url, { OTEL_EXPORTER_OTLP_ENDPOINT: undefined })
      await measure(product, ['off', ...Array(turns - 1).fill('off')])
      await product.stop()
    }
    // Each comes first, and after each other, as often: what one leaves behind, warm or to be collected, favours nobody.
    if (i % 2 === 0) await withOff()
    const product = await startProduct(servers, traces.url)
    const order = (turn: number) => SHARES.map((_, at) => SHARES[(at + turn + i) % SHARES.length]!)
    await measure(product, Array.from({ length: turns }, (_, turn) => order(turn)).flat())
    await product.stop()
    if (i % 2 === 1) await withOff()
  }
  if (traces.requests() === 0) throw new Error('no span arrived: tracing was not on')
  const result = {
    off: middleOf('off'),
    none: { ...middleOf('none'), ...costOf('none', 'off') },
    default: { ...middleOf('default'), ...costOf('default', 'none') },
    all: { ...middleOf('all'), ...costOf('all', 'none') },
  }
  for (const [mode, figures] of Object.entries(result)) say(`${mode}: ${JSON.stringify(figures)}`)
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  traces.stop()
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

/** One after the other. Turns of the same number are neighbours in time. */
async function measure(product: Product, modes: readonly Mode[]): Promise<void> {
  const { orchestrator, agents } = product.pids
  const used = () => cpuSeconds(orchestrator) + cpuSeconds(agents)
  // Fresh processes measure how they are compiled.
  for (const share of SHARES) await runSaturated(product, Math.ceil(tasks / 2), underWay, traceOf(share))
  await pass(TAIL_MS)
  const idleFrom = used()
  await pass(TAIL_MS)
  const idle = used() - idleFrom
  for (const mode of modes) {
    const before = used()
    const perSecond = await runSaturated(product, tasks, underWay, traceOf(mode))
    await pass(TAIL_MS)
    const cpuUs = round(((used() - before - idle) / tasks) * 1e6, 0)
    found[mode].push({ perSecond, cpuUs })
    say(`${mode}: ${perSecond} tasks/s, ${cpuUs} µs of CPU a task`)
  }
}

/** What a client decides: exactly so many are recorded. */
function traceOf(mode: Mode): (task: number) => string {
  const share = mode === 'off' ? 0 : RECORDED[mode]
  return (task) => {
    const sampled = Math.floor((task + 1) * share) > Math.floor(task * share)
    return formatTraceparent({ ...newTrace(1), sampled })
  }
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function middleOf(mode: Mode): Measured {
  const middle = (key: keyof Measured) =>
    percentileOrNaN(
      found[mode].map((one) => one[key]).sort((a, b) => a - b),
      0.5,
    )
  return { perSecond: middle('perSecond'), cpuUs: middle('cpuUs') }
}

/** Against the neighbour in another mode, the middle of all turns. Percent. */
function costOf(mode: Mode, other: Mode): { throughputPercent: number; cpuPercent: number } {
  const ratios = (key: keyof Measured) =>
    percentileOrNaN(
      found[mode].map((one, i) => one[key] / found[other][i]![key]).sort((a, b) => a - b),
      0.5,
    )
  return {
    throughputPercent: round((1 - ratios('perSecond')) * 100),
    cpuPercent: round((ratios('cpuUs') - 1) * 100),
  }
}
