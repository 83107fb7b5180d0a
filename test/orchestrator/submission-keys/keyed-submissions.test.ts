import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState } from '#schemas/task.ts'
import { admit } from '../../../services/orchestrator/intake/admit.ts'
import {
  KeyedSubmissions,
  type KeyedSubmissionsDeps,
} from '../../../services/orchestrator/submission-keys/keyed-submissions.ts'
import {
  SubmissionKeyStore,
  subjectOfKey,
} from '../../../services/orchestrator/submission-keys/submission-key-store.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })

let names = 0
const newKey = () => `key ${++names}`
const about = (options: object, n = 0, idempotencyKey?: string) =>
  admit(
    Buffer.from(
      JSON.stringify({
        type: 'plan',
        plan: { steps: [{ id: 'a', agent: 'x' }] },
        input: { n },
        ...options,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      }),
    ),
    { tenant: 'acme', fallbackIdentity: `once ${++names}`, isKnownAgent: async () => true },
  )

/** What the stores say of tasks: `live` until a test says more. */
const status = new Map<string, TaskState['status']>()
/** An orchestrator, and what of it breaks. */
async function open(break_: { log?: boolean } = {}) {
  const clock = createManualClock(Math.round(Date.now()))
  const keys = new SubmissionKeyStore({ bus, clock: systemClock, log: quietLog })
  await keys.start()
  t.teardown(() => keys.stop())
  const metrics = createMetrics()
  const logged: { msgId: string; data: string }[] = []
  const publisher = {
    publish: async (subject: string, data: string, options: { msgId: string }) => {
      if (!subject.startsWith('log.')) return bus.publisher.publish(subject, data, options)
      if (break_.log) throw new MurmurError('UNAVAILABLE', 'the process is gone')
      const isNew = !logged.some(({ msgId }) => msgId === options.msgId)
      if (isNew) logged.push({ msgId: options.msgId, data })
      return { seq: logged.length, duplicate: !isNew }
    },
  }
  const told: string[] = []
  const deps = {
    bus: {
      publisher,
      publishCore: (_: string, data: string) => void told.push(data),
      streams: { lastLogSeq: async () => 0 },
    },
    store: {
      position: async () => ({ offset: 1, emitted: 1, level: true }),
      readTasks: async (_: number, ids: string[]) =>
        ids.map((id) => (status.has(id) ? { id, status: status.get(id) } : { id, status: 'running' })),
    },
    partitions: 1,
    keepFinishedMs: 1000,
    admission: { admit: () => ({ stored() {}, withdrawn() {} }) },
    keys,
    clock,
    metrics,
  } as unknown as KeyedSubmissionsDeps
  const submissions = new KeyedSubmissions(deps)
  const submit = async (...args: Parameters<typeof about>) =>
    submissions.submit({ ...(await about(...args)), hasKey: false }, { giveUpAfterMs: 1000 })
  const idsIn = () => logged.map(({ msgId }) => msgId)
  return { submissions, keys, clock, deps, logged, idsIn, told, submit, break_ }
}
const subjectOf = (kind: 'singleton' | 'debounce', key: string) => subjectOfKey({ tenant: 'acme', kind, key })

t.test('one that dies between its claim and the log: another one writes the task, once', async (t) => {
  const singleton = { key: newKey() }
  const dying = await open({ log: true })
  await t.rejects(dying.submit({ singleton }, 0, 'a'), { code: 'UNAVAILABLE' })
  const other = await open()
  const subject = subjectOf('singleton', singleton.key)
  t.equal(await other.submissions.work(subject), false, 'its author may be at it')
  await other.clock.advance(1500)
  t.equal(await other.submissions.work(subject), true)
  t.equal(other.logged.length, 1)
  t.match(JSON.parse(other.logged[0]!.data), {
    input: { n: 0 },
    keepFinishedMs: 1000,
    singletonKey: singleton.key,
  })
  t.equal(await other.submissions.work(subject), false, 'nothing is left to do')
  t.match(await other.submit({ singleton }, 0, 'a'), { duplicate: true }, 'and its author finds it there')
  await t.rejects(other.submit({ singleton }, 1, 'b'), { code: 'SINGLETON_CONFLICT' })
  t.equal(other.logged.length, 1)
})

t.test('who comes at once after such a death does not make a second one', async (t) => {
  const singleton = { key: newKey() }
  const dying = await open({ log: true })
  await t.rejects(dying.submit({ singleton }, 0, 'a2'), { code: 'UNAVAILABLE' })
  const other = await open()
  await t.rejects(other.submit({ singleton }, 1, 'b2'), { code: 'SINGLETON_CONFLICT' })
  t.equal(other.logged.length, 1, 'the first one is in the log now')
  t.match(JSON.parse(other.logged[0]!.data), { input: { n: 0 } })
})

t.test('two at the same time, 20 each: one task', async (t) => {
  const singleton = { key: newKey() }
  const [one, two] = await Promise.all([open(), open()])
  const all = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).submit({ singleton }, i, `c${names}-${i}`)),
  )
  t.equal(all.filter(({ status }) => status === 'fulfilled').length, 1)
  t.equal(new Set([...one.idsIn(), ...two.idsIn()]).size, 1)
})

t.test('replace: the next is told to begin when the one before is over', async (t) => {
  const singleton = { key: newKey(), onConflict: 'replace' }
  const { submit, submissions, logged, idsIn } = await open()
  const one = await submit({ singleton }, 0, 'r1')
  const two = await submit({ singleton }, 1, 'r2')
  t.match(two, { replaced: one.taskId })
  t.match(JSON.parse(logged.find(({ msgId }) => msgId === `${two.taskId}:accepted`)!.data), {
    held: 'singleton',
  })
  const subject = subjectOf('singleton', singleton.key)
  t.equal(await submissions.work(subject), false)
  t.ok(idsIn().includes(`${one.taskId}:replaced:${two.taskId}`), 'it is cancelled')
  t.notOk(idsIn().includes(`${two.taskId}:released`))
  status.set(one.taskId, 'cancelled')
  t.equal(await submissions.work(subject), true)
  t.ok(idsIn().includes(`${two.taskId}:released`))
})

t.test('debounce: started once with the last input, also by another after a death', async (t) => {
  const debounce = { key: newKey(), delayMs: 1000 }
  const dying = await open()
  const { taskId } = await dying.submit({ debounce }, 0, 'd0')
  t.match(await dying.submit({ debounce }, 1, 'd1'), { taskId, merged: true })
  t.match(await dying.submit({ debounce }, 1, 'd1'), { taskId, merged: true, duplicate: true })
  t.equal(dying.told.length, 1, 'those who watch hear of it')
  const subject = subjectOf('debounce', debounce.key)
  t.equal(await dying.submissions.work(subject), false)
  dying.break_.log = true
  await dying.clock.advance(1000)
  await t.rejects(dying.submissions.work(subject), { code: 'UNAVAILABLE' }, 'it is decided, and not told')
  const other = await open()
  await other.clock.advance(1000)
  const next = await other.submit({ debounce }, 2, 'd2')
  t.not(next.taskId, taskId, 'nothing is merged any more')
  t.equal(other.idsIn()[0], `${taskId}:released`, 'and the first one is told before')
  t.match(JSON.parse(other.logged[0]!.data), { action: 'release', taskId, task: { input: { n: 1 } } })
  await t.rejects(other.submit({ debounce }, 3, 'd2'), { code: 'IDEMPOTENCY_CONFLICT' })
})

t.test('a key at rest is forgotten; one whose task goes on is kept', async (t) => {
  const singleton = { key: newKey() }
  const { submit, submissions, keys, clock } = await open()
  const { taskId } = await submit({ singleton }, 0, 'f1')
  const subject = subjectOf('singleton', singleton.key)
  await submissions.work(subject)
  await clock.advance(700_000)
  t.equal(await submissions.work(subject), true)
  t.match(await keys.read(subject), { record: { holder: { taskId } } })
  status.set(taskId, 'completed')
  await clock.advance(700_000)
  t.equal(await submissions.work(subject), true)
  t.equal(await keys.read(subject), undefined)
})

t.test('no more keys than a tenant may have; those that there are go on', async (t) => {
  const { deps, keys } = await open()
  const full = new KeyedSubmissions({
    ...deps,
    keys: {
      read: keys.read.bind(keys),
      write: keys.write.bind(keys),
      forget: keys.forget.bind(keys),
      count: () => LIMITS.submissionKeys,
    },
  })
  const submission = async (key: string) => ({ ...(await about({ singleton: { key } })), hasKey: false })
  await t.rejects(full.submit(await submission(newKey()), { giveUpAfterMs: 1000 }), {
    code: 'QUOTA_EXCEEDED',
  })
})

t.test('what would become of it is said, and nothing is written', async (t) => {
  const { submissions, keys } = await open()
  const key = newKey()
  t.match(await submissions.preview(await about({ debounce: { key, delayMs: 500 } })), /would wait 500 ms/)
  t.equal(await keys.read(subjectOf('debounce', key)), undefined)
  t.equal(await submissions.preview(await about({})), '')
})
