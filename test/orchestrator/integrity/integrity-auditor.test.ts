import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { IntegrityView } from '#schemas/integrity.ts'
import type { Plan } from '#schemas/plan.ts'
import { IntegrityAuditor } from '../../../services/orchestrator/integrity/integrity-auditor.ts'
import { PARTITION_KEYS, taskKeys } from '../../../services/orchestrator/partition/commit-args.ts'
import { RedisPartitionStore } from '../../../services/orchestrator/partition/redis-partition-store.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog, RecordingEmitter, startOwner, writeLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { servedOperations } from '../api/served-operations.ts'

const PARTITION = 0
const PLAN: Plan = {
  steps: [
    { id: 'a', agent: 'x', timeoutMs: 86_400_000 },
    { id: 'b', agent: 'x', needs: ['a'], timeoutMs: 86_400_000 },
  ],
}
const HASH = 'a'.repeat(64)
const ran = { instance: 'x-1', startedAtMs: 1, finishedAtMs: 2 }

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 4, storageBytes: 1024 ** 3 })
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)
const store = new RedisPartitionStore(redis)
startOwner(t, { bus, store, emitter: new RecordingEmitter(), partition: PARTITION })
// Whoever has a partition holds its lease: here the test does.
await admin.set(PARTITION_KEYS.lease(PARTITION), 'owner')

function startAuditor(t: Test, instance: string, checkIntervalMs = 200) {
  const { bus: serving, ask } = servedOperations()
  const metrics = createMetrics()
  const auditor = new IntegrityAuditor({
    bus: { serve: serving.serve, streams: bus.streams, consumers: bus.consumers },
    ...{
      redis,
      store,
      locks: new RedisLockStore(redis),
      clock: systemClock,
      instance,
      metrics,
      log: quietLog,
    },
    fold: { keepFinishedMs: 86_400_000 },
    settings: { graceMs: 1500, checkIntervalMs },
  })
  auditor.start()
  t.teardown(() => auditor.stop())
  const found = async () => ((await ask('getIntegrity', {})) as { integrity?: IntegrityView }).integrity
  return { auditor, found, metrics }
}

let tasks = 0
const write = (kind: Parameters<typeof writeLog>[2], body: object) => writeLog(bus, PARTITION, kind, body)
const accept = async (about: object = {}) => {
  const taskId = `task-${tasks++}`
  await write(
    'accepted',
    acceptedTask({ taskId, plan: PLAN, bodyHash: HASH, deadlineMs: 86_400_000, ...about }),
  )
  return taskId
}
const done = (taskId: string, stepId: string, attempt = 1) =>
  write('result', { v: 1, taskId, stepId, attempt, ...ran, outcome: { kind: 'done', output: stepId } })
const runToEnd = async () => {
  const taskId = await accept()
  await done(taskId, 'a')
  await done(taskId, 'b')
  return taskId
}
/** What the record says once something holds of it. */
async function untilFound(
  found: () => Promise<IntegrityView | undefined>,
  what: string,
  holds: (view: IntegrityView) => boolean,
): Promise<IntegrityView> {
  let last: IntegrityView | undefined
  await until(
    what,
    async () => {
      last = await found()
      return last !== undefined && holds(last)
    },
    20_000,
  )
  return last!
}

t.test('a clean log has nothing to be found, and one auditor follows another', async (t) => {
  const one = startAuditor(t, 'one')
  await untilFound(one.found, 'it audits', (view) => view.instance === 'one')
  const open = await accept()
  await done(open, 'a')
  for (let i = 0; i < 20; i++) await runToEnd()
  // Twice, late, and of a task that is none: such things happen.
  await done('task-1', 'a')
  await done(open, 'a')
  await done('never-was', 'a')
  const view = await untilFound(one.found, 'all is compared', ({ compared }) => compared === 20)
  t.match(view, { ended: 20, open: 1, behind: 0, lost: 0, doubled: 0, violations: 0, recent: [] })
  t.equal(view.events, 63, 'with the doubled result of the task that is open')
  t.equal(view.late, 1)
  t.equal(view.skipped, 2, 'of a task that had ended, and of one that is none')

  const two = startAuditor(t, 'two')
  await one.auditor.stop()
  await untilFound(two.found, 'the other goes on', (now) => now.instance === 'two' && now.open === 1)
  await done(open, 'b')
  const then = await untilFound(two.found, 'what was open has ended', ({ ended }) => ended === 21)
  t.match(then, { sinceMs: view.sinceMs, events: 64, violations: 0 }, 'and counts nothing twice')
  t.match(await two.metrics.expose(), /murmur_integrity_checked_events 64\b/)
  await two.auditor.stop()
})

t.test('planted faults are found, each once, with the task and the rule', async (t) => {
  const { found, metrics } = startAuditor(t, 'three')
  const before = await untilFound(found, 'it audits', (view) => view.instance === 'three')
  const known = before.violations

  const twice = await runToEnd()
  await write('accepted', acceptedTask({ taskId: twice, plan: PLAN, bodyHash: 'f'.repeat(64) }))
  await write('accepted', acceptedTask({ taskId: twice, plan: PLAN, bodyHash: 'e'.repeat(64) }))
  const ahead = await accept()
  await done(ahead, 'a', 3)
  await untilFound(found, 'they are found', ({ violations }) => violations === known + 3)

  const stuck = await accept({ deadlineMs: 1000 })
  await until('it is stored', async () => (await store.readTasks(PARTITION, [stuck]))[0] !== undefined)
  // Nobody is told when its time is up.
  await admin.zrem(PARTITION_KEYS.timers(PARTITION), stuck)
  const gone = await runToEnd()
  await until(
    'it has ended',
    async () => (await store.readTasks(PARTITION, [gone]))[0]?.status === 'completed',
  )
  await admin.del(...taskKeys(PARTITION, gone))

  const view = await untilFound(found, 'all are found', ({ violations }) => violations >= known + 5)
  t.equal(view.violations, known + 5)
  t.match(view, { doubled: 2, lost: 2 })
  const rules = view.recent.map(({ rule, taskId }) => `${rule} ${taskId}`).sort()
  t.strictSame(
    rules,
    [
      `accepted-once ${twice}`,
      `accepted-once ${twice}`,
      `attempts-in-order ${ahead}`,
      `due-happens ${stuck}`,
      `store-is-the-fold ${gone}`,
    ].sort(),
  )
  const text = await metrics.expose()
  t.match(text, /murmur_integrity_violations_total\{rule="due-happens"\} 1\b/)
  t.match(text, /murmur_integrity_violations_total\{rule="accepted-once"\} 2\b/)
  t.match(text, /murmur_integrity_violations_total\{rule="outcomes-stay"\} 0\b/)
})

t.test('what an auditor had seen and not settled when it ended, the next one finds', async (t) => {
  const one = startAuditor(t, 'five', 600_000)
  const { violations, events } = await untilFound(one.found, 'it audits', (view) => view.instance === 'five')
  const twice = await runToEnd()
  await write('accepted', acceptedTask({ taskId: twice, plan: PLAN, bodyHash: 'f'.repeat(64) }))
  const seen = await untilFound(one.found, 'it has seen it', (view) => view.events === events + 4)
  t.equal(seen.violations, violations, 'it has not looked at the store')
  await one.auditor.stop()
  const two = startAuditor(t, 'six')
  const view = await untilFound(two.found, 'it is found', (now) => now.violations > violations)
  t.match(view.recent[0], { rule: 'accepted-once', taskId: twice })
  t.equal(view.violations, violations + 1)
})

t.test('a partition that nobody has stands still, which is told elsewhere', async (t) => {
  const { found } = startAuditor(t, 'four')
  const { violations } = await untilFound(found, 'it audits', (view) => view.instance === 'four')
  await admin.del(PARTITION_KEYS.lease(PARTITION))
  const stuck = await accept({ deadlineMs: 1000 })
  await until('it is stored', async () => (await store.readTasks(PARTITION, [stuck]))[0] !== undefined)
  await admin.zrem(PARTITION_KEYS.timers(PARTITION), stuck)
  const at = systemClock.nowMs()
  await untilFound(found, 'it was looked at', ({ atMs }) => atMs > at + 4000)
  t.equal((await found())!.violations, violations)
  await admin.set(PARTITION_KEYS.lease(PARTITION), 'owner')
  const view = await untilFound(found, 'it is found', (now) => now.violations > violations)
  t.match(view.recent[0], { rule: 'due-happens', taskId: stuck })
})
