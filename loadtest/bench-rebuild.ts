import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { TaskAccepted } from '../schemas/log-event.ts'
import { MurmurError } from '../services/platform/errors/murmur-error.ts'
import { createRedis, type Script, waitForRedis } from '../services/platform/redis/redis.ts'
import { SERVICES } from '../subjects/operations.ts'
import { partitionOf, SUBJECTS } from '../subjects/subjects.ts'
import { round, until } from './bench/measure.ts'
import { type Product, startProduct } from './bench/product.ts'
import { openServers } from './bench/with-servers.ts'

/**
 * `npm run bench:rebuild`: how long it takes until every partition is level after Redis was emptied, with so many tasks that have ended and
 * so many that are active; with checkpoints and without, one after the other. What the log holds before and after it was purged, and what
 * readers are told meanwhile. Tasks are written into the log as they would stand there: active ones wait for a signal, the others are
 * cancelled at once.
 */
const { values } = parseArgs({
  options: {
    finished: { type: 'string', default: '200000' },
    active: { type: 'string', default: '50000' },
    modes: { type: 'string', default: 'yes,no' },
  },
})
const [finished, active] = [Number(values.finished), Number(values.active)]
const NOWHERE = 'http://127.0.0.1:9'
const PARTITIONS = 16
const WAIT_MS = 300_000
const MARGIN_MS = 5000
const AT_ONCE = 5000
/** Between two questions: they cost those who are asked. Milliseconds. */
const ASK_MS = 50
const READ_TIMEOUT_MS = 5000
const FLUSH: Script = { name: 'benchFlush', lua: "return redis.call('FLUSHALL')" }

let nudgedMs = 0

const say = (line: string) => process.stderr.write(`${line}\n`)
for (const mode of values.modes.split(',')) console.log(JSON.stringify(await measure(mode)))

async function measure(checkpoints: string) {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-bench-rebuild-'))
  const { servers, close } = await openServers(say)
  const product = await startProduct(servers, NOWHERE, {
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: undefined, MURMUR_PARTITIONS: String(PARTITIONS) },
    ...{ MURMUR_CHECKPOINTS: checkpoints, MURMUR_CHECKPOINT_MS: '1000', MURMUR_LOG_LEVEL: 'error' },
    ...{ MURMUR_LOG_MARGIN_MS: String(MARGIN_MS), MURMUR_ARCHIVE: folder, MURMUR_ARCHIVE_SEGMENT_MS: '1000' },
  })
  const redis = createRedis(servers.redisUrl)
  await waitForRedis(redis, 10_000)
  const { streams } = product.bus
  const positions = () =>
    Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) => redis.hmget(`murmur:{p${p}}:position`, 'level', 'offset')),
    )
  const isFolded = async () => {
    const lasts = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) => streams.lastLogSeq('LOG', p)),
    )
    return (await positions()).every(([level, offset], p) => level === '1' && Number(offset) >= lasts[p]!)
  }
  let beganMs = performance.now()
  const phase = (what: string) => {
    say(`${what}: ${round((performance.now() - beganMs) / 1000)} s`)
    beganMs = performance.now()
  }
  try {
    await seldom('it follows', isFolded)
    await writeTasks(product)
    phase('written')
    await seldom('all is folded', isFolded)
    phase('folded')
    const before = await streams.fill('LOG')
    if (checkpoints === 'yes')
      await seldom(
        'the log is purged',
        async () => (await streams.fill('LOG')).messages === 0 || (await nudge(product)),
      )
    phase('purged')
    const [log, kept] = [await streams.fill('LOG'), await streams.fill('CHECKPOINTS')]
    const reading = readOn(product)
    const startedMs = performance.now()
    await redis.script(FLUSH, [], [])
    await seldom('every partition is level', isFolded)
    const seconds = round((performance.now() - startedMs) / 1000)
    const readers = await reading.end()
    const depths = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) => redis.hgetall(`murmur:{p${p}}:depth`)),
    )
    const there = depths
      .flatMap((depth) => Object.values(depth))
      .reduce((sum, count) => sum + Number(count), 0)
    return {
      ...{ checkpoints, finished, active, seconds, activeAfter: there, readers },
      ...{ logMessagesBefore: before.messages, logMibBefore: mib(before.bytes) },
      ...{ logMessages: log.messages, logMib: mib(log.bytes), checkpointMib: mib(kept.bytes) },
    }
  } finally {
    await redis.close()
    await product.stop()
    await close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function seldom(what: string, condition: () => Promise<boolean>): Promise<void> {
  const holds = async () => {
    if (await condition()) return true
    await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    return false
  }
  return until(what, holds, WAIT_MS)
}

/** Asks for tasks, one that is active and one that has ended in turn, and counts what it is told. */
function readOn({ bus }: Product): { end(): Promise<Record<string, number>> } {
  const told: Record<string, number> = {}
  let isOver = false
  const read = async () => {
    for (let n = 0; !isOver; n++) {
      const at = Math.floor(Math.random() * (finished + active))
      const taskId = `task-${n % 2 === 0 ? nextOf(at, staysActive) : nextOf(at, (one) => !staysActive(one))}`
      const answer = await bus.request(SERVICES.getTask, { taskId }, { timeoutMs: READ_TIMEOUT_MS }).then(
        () => 'answered',
        (error: unknown) => {
          if (!(error instanceof MurmurError)) return 'no answer'
          return error.retryAfterMs === undefined ? error.code : `${error.code} with a hint`
        },
      )
      told[answer] = (told[answer] ?? 0) + 1
      await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    }
  }
  const reading = read()
  return {
    async end() {
      isOver = true
      await reading
      return told
    },
  }
}

/** One in so many stays: both kinds lie side by side in the log. */
function staysActive(n: number): boolean {
  const total = finished + active
  return Math.floor(((n + 1) * active) / total) > Math.floor((n * active) / total)
}

function nextOf(from: number, is: (n: number) => boolean): number {
  const total = finished + active
  for (let i = 0; i < total; i++) if (is((from + i) % total)) return (from + i) % total
  return from
}

/** An event in each partition now and then, so that the horizon has somewhere to go. @returns whether little is left of the log */
async function nudge({ bus }: Product): Promise<boolean> {
  if (performance.now() - nudgedMs > 1000) {
    nudgedMs = performance.now()
    const body = JSON.stringify({ v: 1, taskId: 'nobody', action: 'cancel' })
    await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) =>
        bus.publisher.publish(SUBJECTS.log(p, 'control'), body, { msgId: crypto.randomUUID() }),
      ),
    )
  }
  return (await bus.streams.fill('LOG')).messages < (finished + active) / 20
}

async function writeTasks({ bus }: Product): Promise<void> {
  const total = finished + active
  const payload = 'x'.repeat(200)
  for (let from = 0; from < total; from += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, total - from) }, (_, i) => from + i)
    await Promise.all(
      ids.flatMap((n) => {
        const accepted: TaskAccepted = {
          ...{ v: 2, taskId: `task-${n}`, tenant: 'default', type: 'plan', priority: 1, bodyHash: 'x' },
          ...{ input: { payload }, plan: { steps: [{ id: 'wait', waitFor: { signal: 'go' } }] } },
          ...{ deadlineMs: 86_400_000 * 7, delayMs: 0, keepFinishedMs: 86_400_000 },
        }
        const p = partitionOf(accepted.taskId, PARTITIONS)
        const write = (kind: 'accepted' | 'control', body: object) =>
          bus.publisher.publish(SUBJECTS.log(p, kind), JSON.stringify(body), { msgId: `${kind}-${n}` })
        const cancel = { v: 1, taskId: accepted.taskId, action: 'cancel' }
        return staysActive(n)
          ? [write('accepted', accepted)]
          : [write('accepted', accepted), write('control', cancel)]
      }),
    )
  }
}

function mib(bytes: number): number {
  return round(bytes / 1024 ** 2)
}
