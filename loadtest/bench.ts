import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { round, rssMb } from './bench/measure.ts'
import { parkTasks, runOpenLoop, runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'
import { runBullmqChain } from './peers/bullmq-chain.ts'
import { runNaiveChain } from './peers/naive-chain.ts'

/**
 * `npm run bench`: the orchestrator's own cost, on the path that users take, beside two peers on the same servers in the
 * same minutes. With --json the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    tasks: { type: 'string', default: '30000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    parked: { type: 'string', default: '50000' },
    /** When JetStream writes to the disk: an interval, or `always`. */
    sync: { type: 'string', default: '2s' },
  },
})
const tasks = Number(values.tasks)
const UNDER_WAY = 2000
const LARGEST_GENERATOR_DELAY_MS = 10

const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: values.sync } })
const traces = await startTraceSink()
try {
  say('product: starting an orchestrator and the no-op agents')
  let product = await startProduct(servers, traces.url)
  await runSaturated(product, Math.min(3000, tasks), UNDER_WAY)
  const latency = await runOpenLoop(product, Number(values.rate), Number(values.seconds))
  say(
    `product: ${latency.rate} tasks/s open loop: p50 ${latency.p50Ms} ms, p95 ${latency.p95Ms} ms, p99 ${latency.p99Ms} ms`,
  )
  const rates: number[] = []
  const naive: number[] = []
  const bullmq: number[] = []
  // In turn, so that all three see the same machine.
  for (let round_ = 1; round_ <= 3; round_++) {
    rates.push(await runSaturated(product, tasks, UNDER_WAY))
    naive.push(await runNaiveChain(servers.natsUrl, Math.round(tasks / 2)))
    bullmq.push(await runBullmqChain(servers.redisUrl, Math.round(tasks / 4)))
    say(
      `round ${round_} of 3: product ${rates.at(-1)} tasks/s, naive chain ${naive.at(-1)}, BullMQ chain ${bullmq.at(-1)}`,
    )
  }
  const busy = { orchestrator: rssMb(product.pids.orchestrator), agents: rssMb(product.pids.agents) }
  await product.stop()
  product = await startProduct(servers, traces.url)
  await parkTasks(product, Number(values.parked))
  const parked = rssMb(product.pids.orchestrator)
  say(`product: an orchestrator with ${values.parked} active tasks takes ${parked} MB`)
  await product.stop()
  if (traces.requests() === 0) throw new Error('no span arrived: tracing was not on')

  const result = {
    tasksPerSecond: median(rates),
    naiveChain: median(naive),
    bullmq: median(bullmq),
    ratio: { naiveChain: ratio(rates, naive), bullmq: ratio(rates, bullmq) },
    latency,
    valid: latency.generatorDelayP99Ms <= LARGEST_GENERATOR_DELAY_MS,
    rssMb: {
      orchestratorBusy: busy.orchestrator,
      agentsBusy: busy.agents,
      orchestratorParked: parked,
      parkedTasks: Number(values.parked),
    },
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryGiB: round(totalmem() / 2 ** 30),
      node: process.version,
      nats: servers.versions.nats,
      natsSync: values.sync,
      redis: servers.versions.redis,
    },
  }
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
} finally {
  traces.stop()
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** The median of the ratios pair by pair: what the machine does meanwhile falls out. */
function ratio(ours: number[], theirs: number[]): number {
  return round(median(ours.map((value, i) => (value / theirs[i]!) * 100)) / 100, 2)
}
