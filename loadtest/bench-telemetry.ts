import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { cpuSeconds, percentileOrNaN, round } from './bench/measure.ts'
import { type Product, runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'

/**
 * `npm run bench:telemetry`: what traces cost. The same load on real processes without a collector, at the default ratio and with every task
 * recorded, each in turn and several times: only ratios of one run can be compared. Metrics are counted in all of them. With
 * --json the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    tasks: { type: 'string', default: '8000' },
    underWay: { type: 'string', default: '400' },
  },
})

const MODES = {
  off: { OTEL_EXPORTER_OTLP_ENDPOINT: undefined },
  default: {},
  all: { MURMUR_TRACE_RATIO: '1' },
} as const satisfies Record<string, NodeJS.ProcessEnv>
type Mode = keyof typeof MODES
const modes = Object.keys(MODES) as Mode[]

const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-telemetry-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
const traces = await startTraceSink()
const found: Record<Mode, { perSecond: number; cpuUs: number }[]> = { off: [], default: [], all: [] }

try {
  const rounds = Number(values.rounds)
  for (let i = 0; i < rounds; i++) {
    // Each is first, second and last as often: what has warmed up by then favours nobody.
    const order = modes.map((_, at) => modes[(at + i) % modes.length]!)
    for (const mode of order) {
      const product = await startProduct(servers, traces.url, MODES[mode])
      const measured = await measure(product)
      await product.stop()
      found[mode].push(measured)
      say(`round ${i + 1}, ${mode}: ${measured.perSecond} tasks/s, ${measured.cpuUs} µs of CPU a task`)
    }
  }
  if (traces.requests() === 0) throw new Error('no span arrived: tracing was not on')
  const result = Object.fromEntries(
    modes.map((mode) => [mode, { ...middleOf(mode), ...(mode !== 'off' && costOf(mode)) }]),
  )
  for (const [mode, figures] of Object.entries(result)) say(`${mode}: ${JSON.stringify(figures)}`)
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  traces.stop()
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

async function measure(product: Product): Promise<{ perSecond: number; cpuUs: number }> {
  const tasks = Number(values.tasks)
  const underWay = Number(values.underWay)
  // Fresh processes measure how they are compiled.
  await runSaturated(product, Math.ceil(tasks / 4), underWay)
  const { orchestrator, agents } = product.pids
  const used = () => cpuSeconds(orchestrator) + cpuSeconds(agents)
  const before = used()
  const perSecond = await runSaturated(product, tasks, underWay)
  return { perSecond, cpuUs: round(((used() - before) / tasks) * 1e6, 0) }
}

function middleOf(mode: Mode): { perSecond: number; cpuUs: number } {
  const middle = (key: 'perSecond' | 'cpuUs') =>
    percentileOrNaN(
      found[mode].map((one) => one[key]).sort((a, b) => a - b),
      0.5,
    )
  return { perSecond: middle('perSecond'), cpuUs: middle('cpuUs') }
}

/** Against the run without a collector of the same round, the middle of all rounds. Percent. */
function costOf(mode: Mode): { throughputPercent: number; cpuPercent: number } {
  const ratios = (key: 'perSecond' | 'cpuUs') =>
    percentileOrNaN(
      found[mode].map((one, i) => one[key] / found.off[i]![key]).sort((a, b) => a - b),
      0.5,
    )
  return {
    throughputPercent: round((1 - ratios('perSecond')) * 100),
    cpuPercent: round((ratios('cpuUs') - 1) * 100),
  }
}
