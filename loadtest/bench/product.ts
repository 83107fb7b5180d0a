import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../deploy/local/stack/service-spec.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { withTrace } from '../../services/platform/telemetry/active-trace.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { parseTaskEventSubject } from '../../subjects/subjects.ts'
import { percentileOrNaN, round, until, watchOwnDelay } from './measure.ts'
import { ended, ready } from './service-process.ts'

/** The product as it is run: an orchestrator process and an agents process, and a client beside them. */
export interface Product {
  bus: Bus
  pids: { orchestrator: number; agents: number }
  /** Of all orchestrators, where there are several. */
  orchestrators: readonly number[]
  stop(): Promise<void>
}

export interface OpenLoop {
  rate: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  /** Of the generator itself; above 10 the run is void. */
  generatorDelayP99Ms: number
}

/** Parked tasks between two lines. */
const PROGRESS_TASKS = 10_000
const SUBMIT_TIMEOUT_MS = 20_000
const payload = 'x'.repeat(200)

/** Three steps, one after the other, each handing 200 bytes on. */
const THREE_STEPS = JSON.stringify({
  type: 'plan',
  input: { payload },
  plan: {
    steps: [
      { id: 'a', agent: 'noop-a', input: { payload: { $from: 'input.payload' } } },
      { id: 'b', agent: 'noop-b', needs: ['a'], input: { payload: { $from: 'steps.a.output.payload' } } },
      { id: 'c', agent: 'noop-c', needs: ['b'], input: { payload: { $from: 'steps.b.output.payload' } } },
    ],
  },
})

/**
 * With tracing on, at the ratio that is the default, into a collector that listens at `otlpEndpoint`; `more` goes before that. Where
 * the servers have users, as `orchestrator` and as `agents`.
 * @param count of orchestrators that share the partitions
 */
export async function startProduct(
  servers: Pick<LocalServers, 'natsUrl' | 'natsUrlOf' | 'redisUrl'>,
  otlpEndpoint: string | undefined,
  more: NodeJS.ProcessEnv = {},
  count = 1,
): Promise<Product> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    MURMUR_REDIS_URL: servers.redisUrl,
    MURMUR_LOG_LEVEL: 'warn',
    MURMUR_STORAGE_GIB: '8',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
  }
  // Of servers without users, the same for both.
  const start = (path: string, user: string) => {
    const file = fileURLToPath(new URL(path, import.meta.url))
    return fork(file, {
      env: { ...env, MURMUR_NATS_URL: servers.natsUrlOf(user), ...more },
      execArgv: serviceNodeOptions(file),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }
  const orchestrators = Array.from({ length: count }, () =>
    start('../../services/orchestrator/main.ts', 'orchestrator'),
  )
  const agents = start('./noop-agents.ts', 'agents')
  await Promise.all([...orchestrators, agents].map((child) => ready(child)))
  const bus = await Bus.connect({ url: servers.natsUrl, name: 'bench' })
  return {
    bus,
    pids: { orchestrator: orchestrators[0]!.pid!, agents: agents.pid! },
    orchestrators: orchestrators.map(({ pid }) => pid!),
    async stop() {
      await bus.close()
      await Promise.all([agents, ...orchestrators].map(ended))
    },
  }
}

/**
 * As many tasks as it can do: a bounded number is under way at any time. @returns tasks a second
 * @param traceOf the trace that a client has begun for the task of this number; none: the orchestrator begins one
 */
export async function runSaturated(
  product: { bus: Bus },
  tasks: number,
  underWay: number,
  traceOf: (task: number) => string | undefined = () => undefined,
): Promise<number> {
  const { bus } = product
  let done = 0
  let wake = () => {}
  const end = bus.subscribe('tasks.events.plan.*.completed', () => {
    done++
    wake()
  })
  const failures: string[] = []
  const startedMs = performance.now()
  // One that is refused never ends: nothing that comes after it is worth measuring.
  for (let sent = 0; sent < tasks && failures.length === 0; sent++) {
    while (sent - done >= underWay && failures.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    withTrace(traceOf(sent), () =>
      bus.request(SERVICES.submitTask, THREE_STEPS, { timeoutMs: SUBMIT_TIMEOUT_MS }),
    ).catch((error: Error) => {
      failures.push(error.message)
      wake()
    })
  }
  await until('saturated run', () => failures.length > 0 || done >= tasks, 120_000)
  const seconds = (performance.now() - startedMs) / 1000
  end()
  if (failures.length > 0) throw new Error(`${failures.length} submissions failed: ${failures[0]}`)
  return round(tasks / seconds, 0)
}

/** A fixed rate, whatever the answers do; latency counts from the moment a task was due to its completion. */
export async function runOpenLoop(product: { bus: Bus }, rate: number, seconds: number): Promise<OpenLoop> {
  const { bus } = product
  const tasks = rate * seconds
  const dueMs = new Map<string, number>()
  const endedMs = new Map<string, number>()
  const end = bus.subscribe('tasks.events.plan.*.completed', ({ subject }) => {
    endedMs.set(parseTaskEventSubject(subject)!.taskId, performance.now())
  })
  const own = watchOwnDelay()
  const startMs = performance.now() + 100
  const submissions: Promise<void>[] = []
  for (let i = 0; i < tasks; i++) {
    const due = startMs + (i * 1000) / rate
    const waitMs = due - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const answer = bus.request(SERVICES.submitTask, THREE_STEPS, { timeoutMs: SUBMIT_TIMEOUT_MS })
    submissions.push(answer.then((receipt) => void dueMs.set((receipt as { taskId: string }).taskId, due)))
  }
  await Promise.all(submissions)
  await until('open loop', () => endedMs.size >= tasks, 60_000)
  end()
  const latencies = [...dueMs].map(([id, due]) => endedMs.get(id)! - due).sort((a, b) => a - b)
  return {
    rate,
    p50Ms: round(percentileOrNaN(latencies, 0.5)),
    p95Ms: round(percentileOrNaN(latencies, 0.95)),
    p99Ms: round(percentileOrNaN(latencies, 0.99)),
    generatorDelayP99Ms: round(own.p99Ms()),
  }
}

/** Leaves so many tasks active: their only step waits for an agent that has registered and gone. */
export async function parkTasks(
  product: Product,
  tasks: number,
  onProgress: (parked: number) => void = () => {},
): Promise<void> {
  const { bus } = product
  await bus.request(SERVICES.registerAgent, { type: 'parked', instance: 'nobody' }, { timeoutMs: 5000 })
  const step = { id: 'wait', agent: 'parked', input: { payload }, queueTimeoutMs: 3_600_000 }
  const body = JSON.stringify({
    type: 'plan',
    input: { payload },
    deadlineMs: 3_600_000,
    plan: { steps: [step] },
  })
  let accepted = 0
  const end = bus.subscribe('tasks.events.plan.*.accepted', () => void accepted++)
  const open = new Set<Promise<unknown>>()
  for (let sent = 0; sent < tasks; sent++) {
    const answer = bus.request(SERVICES.submitTask, body, { timeoutMs: SUBMIT_TIMEOUT_MS })
    open.add(answer)
    void answer.finally(() => open.delete(answer))
    if (open.size >= 500) await Promise.race(open)
    if (sent % PROGRESS_TASKS === 0) onProgress(accepted)
  }
  await Promise.all(open)
  await until('parked tasks', () => accepted >= tasks, 60_000)
  end()
}
