import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../deploy/local/stack/service-spec.ts'
import type { AgentPolicy } from '../schemas/agent-policy.ts'
import { Bus } from '../services/platform/nats/bus.ts'
import { percentileOrNaN, round, until } from './bench/measure.ts'
import { ended, ready } from './bench/service-process.ts'

/**
 * `npm run bench:dispatch`: eight instances of an agent on real processes. How long tasks take under each strategy while two of the
 * instances are five times slower; and how exact shares are, by capacity and by version, over many steps. With --json the last line of the output
 * is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rate: { type: 'string', default: '400' },
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string', default: '10000' },
    underWay: { type: 'string', default: '12' },
  },
})
interface Instance {
  slots: number
  workMs: number
  version: string
}
const SUBMISSION = { type: 'plan', plan: { steps: [{ id: 'a', agent: 'varied', input: {} }] } }
const CALL = { timeoutMs: 30_000 }
const DRAIN_TIMEOUT_MS = 60_000
const INSTANCES = 8
const WARM_UP_SECONDS = 4
const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-dispatch-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
const env = {
  ...process.env,
  MURMUR_NATS_URL: servers.natsUrl,
  MURMUR_REDIS_URL: servers.redisUrl,
  MURMUR_LOG_LEVEL: 'error',
}
const start = (path: string, args: readonly string[] = []): ChildProcess => {
  const file = fileURLToPath(new URL(path, import.meta.url))
  return fork(file, args, {
    env,
    execArgv: serviceNodeOptions(file),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

try {
  const orchestrator = start('../services/orchestrator/main.ts')
  await ready(orchestrator)
  const bus = await Bus.connect({ url: servers.natsUrl, name: 'bench' })
  const slowTwo = (_: unknown, i: number): Instance => ({
    slots: 4,
    workMs: i < 2 ? 100 : 20,
    version: '1.0.0',
  })
  const latency: Record<string, object> = {}
  await withInstances(bus, Array.from({ length: INSTANCES }, slowTwo), async (counts) => {
    // The first seconds of fresh processes are those of no strategy.
    await measureLatency(bus, Number(values.rate), WARM_UP_SECONDS)
    for (const strategy of ['round-robin', 'weighted', 'least-loaded', 'pull'] as const) {
      await setPolicy(bus, { strategy })
      counts.fill(0)
      const figures = await measureLatency(bus, Number(values.rate), Number(values.seconds))
      const onSlow = round((counts[0]! + counts[1]!) / counts.reduce((sum, one) => sum + one, 0), 3)
      latency[strategy] = { ...figures, onSlow }
      say(
        `${strategy}: p50 ${figures.p50Ms} ms, p95 ${figures.p95Ms} ms, p99 ${figures.p99Ms} ms; ${round(onSlow * 100)} % on the slow ones`,
      )
    }
  })
  const shares: Record<string, object> = {}
  const bySlots = Array.from(
    { length: INSTANCES },
    (_, i): Instance => ({ slots: 2 * (i + 1), workMs: 1, version: '1.0.0' }),
  )
  await withInstances(bus, bySlots, async (counts) => {
    await setPolicy(bus, { strategy: 'weighted' })
    shares.capacity = await measureShares(
      bus,
      counts,
      bySlots.map(({ slots }) => slots),
    )
  })
  const byVersion = Array.from(
    { length: INSTANCES },
    (_, i): Instance => ({ slots: 8, workMs: 1, version: i === 0 ? '2.0.0' : '1.0.0' }),
  )
  await withInstances(bus, byVersion, async (counts) => {
    await setPolicy(bus, { strategy: 'least-loaded', versions: { '1.x': 95, '2.x': 5 } })
    shares.versions = await measureShares(bus, counts, [5, 95], (all) => [
      all[0]!,
      all.slice(1).reduce((sum, one) => sum + one, 0),
    ])
  })
  await bus.close()
  await ended(orchestrator)
  if (values.json) process.stdout.write(`${JSON.stringify({ latency, shares })}\n`)
} finally {
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

async function setPolicy(bus: Bus, set: AgentPolicy): Promise<void> {
  await bus.call(
    'setAgentPolicy',
    { agent: 'varied', set, unset: ['versions'].filter((name) => !(name in set)) as 'versions'[] },
    CALL,
  )
}

/** @param use gets how many steps each of them has begun, counted as it goes */
async function withInstances(
  bus: Bus,
  specs: readonly Instance[],
  use: (counts: number[]) => Promise<void>,
): Promise<void> {
  const counts = specs.map(() => 0)
  const children = specs.map(({ slots, workMs, version }) =>
    start('./dispatch/varied-agent.ts', [`${slots}`, `${workMs}`, version]),
  )
  await Promise.all(children.map((child) => ready(child)))
  for (const [i, child] of children.entries()) child.on('message', () => counts[i]!++)
  await until(
    'all are known',
    async () => {
      const { agents } = await bus.call('listAgents', {}, CALL)
      return (
        agents.filter(
          ({ type, status, queue }) => type === 'varied' && status === 'ready' && queue !== undefined,
        ).length === specs.length
      )
    },
    DRAIN_TIMEOUT_MS,
  )
  await use(counts)
  await Promise.all(children.map(ended))
  await until(
    'all are gone',
    async () => {
      const { agents } = await bus.call('listAgents', {}, CALL)
      return agents.every(({ type }) => type !== 'varied')
    },
    DRAIN_TIMEOUT_MS,
  )
}

/** Tasks at a fixed rate; how long each took from its acceptance to its end. */
async function measureLatency(bus: Bus, rate: number, seconds: number) {
  const durations: number[] = []
  const unsubscribe = bus.subscribe('tasks.events.plan.*.completed', ({ data }) => {
    durations.push(JSON.parse(Buffer.from(data).toString()).durationMs)
  })
  await bus.flush()
  const total = rate * seconds
  const startMs = performance.now()
  const submitted: Promise<unknown>[] = []
  for (let i = 0; i < total; i++) {
    const waitMs = startMs + (i * 1000) / rate - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    submitted.push(bus.call('submitTask', SUBMISSION, CALL))
  }
  await Promise.all(submitted)
  await until('all have ended', () => durations.length >= total, DRAIN_TIMEOUT_MS)
  unsubscribe()
  const sorted = durations.toSorted((a, b) => a - b)
  const at = (share: number) => round(percentileOrNaN(sorted, share))
  return { tasks: total, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
}

/** So many steps, some at a time; how far the share of each is from its weight, of its weight. */
async function measureShares(
  bus: Bus,
  counts: number[],
  weights: readonly number[],
  group = (all: number[]) => all,
) {
  const steps = Number(values.steps)
  counts.fill(0)
  let done = 0
  const waiting: (() => void)[] = []
  const unsubscribe = bus.subscribe('tasks.events.plan.*.completed', () => {
    done++
    waiting.shift()?.()
  })
  await bus.flush()
  for (let i = 0; i < steps; i++) {
    if (i - done >= Number(values.underWay)) await new Promise<void>((resolve) => waiting.push(resolve))
    void bus.call('submitTask', SUBMISSION, CALL)
  }
  await until(
    'all have ended',
    () => done >= steps && counts.reduce((sum, one) => sum + one, 0) >= steps,
    DRAIN_TIMEOUT_MS,
  )
  unsubscribe()
  const total = weights.reduce((sum, one) => sum + one, 0)
  const got = group([...counts])
  const off = got.map((count, i) => Math.abs(count / ((steps * weights[i]!) / total) - 1))
  const furthest = round(Math.max(...off) * 100, 2)
  say(
    `${steps} steps by weights ${weights.join(' : ')}: ${got.join(' : ')}; furthest ${furthest} % off its weight`,
  )
  return { steps, weights, got, furthestPercent: furthest }
}
