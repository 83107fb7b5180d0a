import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import type { TaskState } from '../schemas/task.ts'
import { SERVICES } from '../subjects/operations.ts'
import { fanOutSubmission } from './bench/fan-out-submission.ts'
import { round } from './bench/measure.ts'
import { startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'

/**
 * `npm run bench:fan-out`: one step that runs for each of 10,000 items, on real processes: how long it takes, and the most memory that
 * the orchestrator and the agents have had. With --json the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    items: { type: 'string', default: '10000' },
    concurrency: { type: 'string', default: '200' },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const items = Number(values.items)
const END_TIMEOUT_MS = 300_000
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-fan-out-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
const sink = await startTraceSink()

/** The most memory that a process has had; MiB. Linux. */
function peakMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return round(Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024)
}

try {
  const product = await startProduct(servers, sink.url)
  const { bus, pids } = product
  const submission = {
    ...fanOutSubmission(items, Number(values.concurrency)),
    deadlineMs: END_TIMEOUT_MS,
  }
  const before = { orchestrator: peakMib(pids.orchestrator), agents: peakMib(pids.agents) }
  let told = 0
  const startedMs = performance.now()
  const ended = new Promise<void>((resolve) => {
    bus.subscribe('tasks.events.plan.*.*', ({ subject }) => {
      told++
      if (/\.(completed|failed)$/.test(subject)) resolve()
    })
  })
  const { taskId } = (await bus.request(SERVICES.submitTask, submission, { timeoutMs: 20_000 })) as {
    taskId: string
  }
  await ended
  const seconds = (performance.now() - startedMs) / 1000
  const { task } = (await bus.request(SERVICES.getTask, { taskId }, { timeoutMs: 5000 })) as {
    task: TaskState
  }
  if (task.status !== 'completed') throw new Error(`the task is ${task.status}: ${task.error?.message}`)
  const result = {
    ...{ items, concurrency: Number(values.concurrency) },
    seconds: round(seconds),
    itemsPerSecond: Math.round(items / seconds),
    eventsToWatchers: told,
    orchestratorMib: { before: before.orchestrator, peak: peakMib(pids.orchestrator) },
    agentsMib: { before: before.agents, peak: peakMib(pids.agents) },
  }
  say(
    `${items} items in ${result.seconds} s, ${result.itemsPerSecond} a second; watchers were told ${told} times`,
  )
  say(`orchestrator at most ${result.orchestratorMib.peak} MiB, agents ${result.agentsMib.peak} MiB`)
  await product.stop()
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  sink.stop()
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
