import { parseArgs } from 'node:util'
import { formatTraceparent, newTrace } from '../services/platform/telemetry/traceparent.ts'
import { cpuSeconds, middleOf, percentileOrNaN, round } from './bench/measure.ts'
import { type Product, runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'
import { openServers } from './bench/with-servers.ts'

/**
 * `npm run bench:telemetry`: what traces cost, in processor time of the orchestrator and the agents for a task, and in throughput. Two
 * products stand side by side, each of real processes on servers of its own: one without a collector (`off`), one with it and
 * the sampling that is the default (`default`). They take turns under the same load, so that the machine is the same for both, and only
 * neighbours are compared. Every round has fresh processes: how the compiler and the heap fall out differs by more than traces cost.
 * Each round ends with a turn in which the client has every task recorded (`all`). Metrics are counted in all of them. With --json
 * the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '6' },
    tasks: { type: 'string', default: '8000' },
    underWay: { type: 'string', default: '400' },
    /** Of each of the two, in each round. */
    turns: { type: 'string', default: '4' },
  },
})
const [rounds, tasks, underWay, turns] = [values.rounds, values.tasks, values.underWay, values.turns].map(
  Number,
) as [number, number, number, number]

type Mode = 'off' | 'default' | 'all'
interface Measured {
  perSecond: number
  cpuUs: number
}
/** What is recorded goes out within five seconds, and belongs to the turn that recorded it. */
const TAIL_MS = 5500

const say = (line: string) => process.stderr.write(`${line}\n`)
const traces = await startTraceSink()
const found: Record<Mode, Measured[]> = { off: [], default: [], all: [] }

try {
  for (let i = 0; i < rounds; i++) await measureRound(i)
  if (traces.requests() === 0) throw new Error('no span arrived: tracing was not on')
  const result = {
    off: figuresOf('off'),
    default: { ...figuresOf('default'), ...costOf() },
    all: figuresOf('all'),
  }
  for (const [mode, figures] of Object.entries(result)) say(`${mode}: ${JSON.stringify(figures)}`)
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  traces.stop()
}

/** Fresh processes, both kinds, in turns. Who is first changes with each turn. */
async function measureRound(number: number): Promise<void> {
  const sides = await Promise.all([startSide({ OTEL_EXPORTER_OTLP_ENDPOINT: undefined }), startSide()])
  try {
    const [off, traced] = sides.map(({ product }) => product) as [Product, Product]
    // Fresh processes measure how they are compiled.
    for (const product of [off, traced]) await runSaturated(product, tasks, underWay)
    await pass(TAIL_MS)
    const idle = new Map([off, traced].map((product) => [product, -used(product)]))
    await pass(TAIL_MS)
    for (const product of [off, traced]) idle.set(product, idle.get(product)! + used(product))
    const measure = (mode: Mode, product: Product) => measureTurn(mode, product, idle.get(product)!)
    for (let turn = 0; turn < turns; turn++) {
      const pair = [() => measure('off', off), () => measure('default', traced)]
      if ((turn + number) % 2 === 1) pair.reverse()
      for (const one of pair) await one()
    }
    await measure('all', traced)
  } finally {
    for (const side of sides) await side.stop()
  }
}

async function startSide(more: NodeJS.ProcessEnv = {}): Promise<{ product: Product; stop(): Promise<void> }> {
  const { servers, close } = await openServers(say)
  const product = await startProduct(servers, traces.url, more)
  return {
    product,
    async stop() {
      await product.stop()
      await close()
    },
  }
}

/** @param idle what the processes use in a tail without load, in seconds of the processor */
async function measureTurn(mode: Mode, product: Product, idle: number): Promise<void> {
  const before = used(product)
  const traceOf = mode === 'all' ? () => formatTraceparent({ ...newTrace(1), sampled: true }) : undefined
  const perSecond = await runSaturated(product, tasks, underWay, traceOf)
  await pass(TAIL_MS)
  const cpuUs = round(((used(product) - before - idle) / tasks) * 1e6, 0)
  found[mode].push({ perSecond, cpuUs })
  say(`${mode}: ${perSecond} tasks/s, ${cpuUs} µs of CPU a task`)
}

/** Seconds of the processor, of the orchestrator and the agents. */
function used({ pids }: Product): number {
  return cpuSeconds(pids.orchestrator) + cpuSeconds(pids.agents)
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function figuresOf(mode: Mode): Measured {
  const of = (key: keyof Measured) => middleOf(found[mode].map((one) => one[key]))
  return { perSecond: of('perSecond'), cpuUs: of('cpuUs') }
}

/** Of the default against its neighbour without a collector, the middle of all turns, and between which values each half of the turns lies. Percent. */
function costOf(): { throughputPercent: number; cpuPercent: number; cpuQuartilesPercent: [number, number] } {
  const ratios = (key: keyof Measured) =>
    found.default.map((one, i) => one[key] / found.off[i]![key]).sort((a, b) => a - b)
  const percent = (ratio: number) => round((ratio - 1) * 100)
  const cpu = ratios('cpuUs')
  return {
    throughputPercent: -percent(middleOf(ratios('perSecond'))),
    cpuPercent: percent(middleOf(cpu)),
    cpuQuartilesPercent: [percent(percentileOrNaN(cpu, 0.25)), percent(percentileOrNaN(cpu, 0.75))],
  }
}
