import { readFileSync } from 'node:fs'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Problem } from '../../schemas/problem.ts'
import type { SubmissionReceipt } from '../../schemas/submission.ts'
import type { TaskState, TaskSummary } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { startSteered } from '../support/steered-process.ts'
import { until } from '../support/until.ts'

// Submissions with keys on real servers, with orchestrators that are killed and a store that is emptied.

const WAIT_MS = 30_000
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: '4',
    MURMUR_LOG_LEVEL: 'fatal',
  })
const [first, second] = await Promise.all([startOrchestrator(), startOrchestrator()])
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const steered = await startSteered(t, servers)
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

let keys = 0
const newKey = () => `key ${++keys}`
const quick = (more: object = {}) => ({
  type: 'plan',
  plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] },
  ...more,
})
const steps = (mode: string, more: object = {}) => ({
  type: 'plan',
  plan: { steps: [{ id: 'a', agent: 'steered', input: { mode } }] },
  ...more,
})
const submit = (submission: object) =>
  bus.call('submitTask', submission as never) as Promise<SubmissionReceipt>
/** While a partition is built anew, or nobody answers, it is asked again. */
async function submitPatiently(submission: object): Promise<SubmissionReceipt> {
  const untilMs = performance.now() + WAIT_MS
  for (;;) {
    try {
      return await submit(submission)
    } catch (error) {
      const mayPass = error instanceof MurmurError && error.code === 'UNAVAILABLE'
      if (!mayPass || performance.now() > untilMs) throw error
    }
  }
}
const attempts = (count: number, submission: (i: number) => object) =>
  Promise.allSettled(Array.from({ length: count }, (_, i) => submit(submission(i))))
const taskOf = async (taskId: string): Promise<TaskState> => (await bus.call('getTask', { taskId })).task
const labelled = async (name: string): Promise<TaskSummary[]> =>
  (await bus.call('listTasks', { labels: { test: name }, limit: 500 })).tasks
const cancel = (taskId: string) => bus.call('cancelTask', { taskId })
const runs = (taskId: string) => until(`${taskId} runs`, () => steered.has('began', taskId), WAIT_MS)

t.test('50 at the same time at two orchestrators: one is live, the others hear of it', async (t) => {
  const singleton = { key: newKey() }
  const all = await attempts(50, () => steps('heed', { singleton, labels: { test: 'crowd' } }))
  const taken = all.filter((one) => one.status === 'fulfilled')
  t.equal(taken.length, 1)
  const { taskId } = taken[0]!.value
  const refused = all.filter((one) => one.status === 'rejected').map(({ reason }) => reason as MurmurError)
  t.strictSame(
    refused.map(({ code, taskId }) => [code, taskId]),
    Array.from({ length: 49 }, () => ['SINGLETON_CONFLICT', taskId]),
  )
  t.match(await labelled('crowd'), [{ id: taskId }])
  t.equal((await labelled('crowd')).length, 1)
  await cancel(taskId)
  await endOfTask(bus, taskId)
})

t.test('return-existing: 50 at the same time get one id', async (t) => {
  const singleton = { key: newKey(), onConflict: 'return-existing' }
  const all = await Promise.all(Array.from({ length: 50 }, () => submit(steps('heed', { singleton }))))
  const ids = new Set(all.map(({ taskId }) => taskId))
  t.equal(ids.size, 1)
  t.equal(all.filter(({ existing }) => existing).length, 49)
  const [taskId] = ids
  await cancel(taskId!)
  await endOfTask(bus, taskId!)
})

t.test('the key is free when its task has ended: completed, failed, cancelled', async (t) => {
  const singleton = { key: newKey() }
  const { taskId: completed } = await submit(quick({ singleton, input: { n: 1 } }))
  t.equal((await endOfTask(bus, completed)).status, 'completed')
  const { taskId: failed } = await submit(steps('unknown mode', { singleton }))
  t.equal((await endOfTask(bus, failed)).status, 'failed')
  const { taskId: cancelled } = await submit(steps('heed', { singleton }))
  await t.rejects(submit(quick({ singleton })), { code: 'SINGLETON_CONFLICT', taskId: cancelled })
  await cancel(cancelled)
  t.equal((await endOfTask(bus, cancelled)).status, 'cancelled')
  const { taskId: next } = await submit(quick({ singleton, input: { n: 2 } }))
  t.equal((await endOfTask(bus, next)).status, 'completed')
})

t.test('a key is one tenant’s, and a kind’s', async (t) => {
  const key = newKey()
  const { taskId } = await submit(steps('heed', { singleton: { key } }))
  const debounced = await submit(quick({ debounce: { key, delayMs: 100 }, input: { n: 1 } }))
  t.equal((await endOfTask(bus, debounced.taskId)).status, 'completed')
  const theirs = (await bus.call('submitTask', quick({ singleton: { key } }) as never, {
    tenant: 'acme',
  })) as SubmissionReceipt
  t.not(theirs.taskId, taskId)
  await cancel(taskId)
})

t.test('replace: the one before is cancelled, and the next begins when that is over', async (t) => {
  const singleton = { key: newKey(), onConflict: 'replace' }
  const labels = { test: 'replace' }
  const one = await submit(steps('heed', { singleton, labels }))
  await runs(one.taskId)
  const two = await submit(steps('heed', { singleton, labels }))
  t.match(two, { replaced: one.taskId, duplicate: false })
  await runs(two.taskId)
  const before = await taskOf(one.taskId)
  const after = await taskOf(two.taskId)
  t.equal(before.status, 'cancelled')
  t.match(before.error, { code: 'CANCELLED', message: new RegExp(two.taskId) })
  t.ok(after.steps.a!.dispatchedAtMs! >= before.finishedAtMs!, 'never two at a time')
  await Promise.all(Array.from({ length: 10 }, () => submit(steps('heed', { singleton, labels }))))
  await until(
    'one is left, and runs',
    async () => {
      const live = (await labelled('replace')).filter(({ finishedAtMs }) => finishedAtMs === undefined)
      return live.length === 1 && steered.has('began', live[0]!.id)
    },
    WAIT_MS,
  )
  const all = await labelled('replace')
  t.equal(all.length, 12)
  t.equal(all.filter(({ status }) => status === 'cancelled').length, 11)
  await cancel(all.find(({ finishedAtMs }) => finishedAtMs === undefined)!.id)
})

t.test('a Redis that is emptied: the key stays with its task', async (t) => {
  const singleton = { key: newKey() }
  const { taskId } = await submit(steps('heed', { singleton }))
  await runs(taskId)
  await redis.flushall()
  await t.rejects(submitPatiently(quick({ singleton })), { code: 'SINGLETON_CONFLICT', taskId })
  await until(
    'it can be cancelled',
    () =>
      cancel(taskId).then(
        () => true,
        () => false,
      ),
    WAIT_MS,
  )
  await endOfTask(bus, taskId)
  const next = await submitPatiently(quick({ singleton, input: { n: 1 } }))
  t.equal((await endOfTask(bus, next.taskId)).status, 'completed')
  // A partition notices the loss when it is next asked: what follows finds all of them read again.
  const spread = await Promise.all(Array.from({ length: 60 }, () => submitPatiently(quick())))
  await Promise.all(spread.map(({ taskId }) => endOfTask(bus, taskId)))
})

t.test('the durable queue: the same message twice is one, what is refused is told', async (t) => {
  const singleton = { key: newKey() }
  const refused: { problem: Problem; messageId?: string }[] = []
  const end = bus.subscribe(SUBJECTS.rejectedAll, ({ data }) => {
    refused.push(JSON.parse(Buffer.from(data).toString()))
  })
  t.teardown(end)
  await bus.flush()
  const send = (messageId: string, body: object) =>
    bus.publisher.publish(SUBJECTS.submit('plan'), JSON.stringify(body), { msgId: messageId })
  await send('first', steps('heed', { singleton }))
  await until('it is accepted', async () => {
    const outcome = await bus.call('getSubmission', { messageId: 'first' }).catch(() => undefined)
    return outcome?.status === 'accepted'
  })
  const outcome = await bus.call('getSubmission', { messageId: 'first' })
  const taskId = outcome.status === 'accepted' ? outcome.taskId : ''
  await send('second', steps('heed', { singleton }))
  await until('it is refused', () => refused.length > 0)
  t.match(refused, [{ messageId: 'second', problem: { code: 'SINGLETON_CONFLICT', taskId } }])
  const repeated = await submit(steps('heed', { singleton, idempotencyKey: 'first' }))
  t.match(repeated, { taskId, duplicate: true })
  await cancel(taskId)
})

t.test('debounce: one task for all, with the last input', async (t) => {
  const debounce = { key: newKey(), delayMs: 400 }
  const submission = (n: number) =>
    quick({ debounce, input: { n }, labels: { test: 'debounce' }, idempotencyKey: `debounce-${n}` })
  const receipts: SubmissionReceipt[] = []
  for (let n = 0; n < 5; n++) receipts.push(await submit(submission(n)))
  const { taskId } = receipts[0]!
  t.strictSame(
    receipts.map((receipt) => [receipt.taskId, receipt.merged]),
    [false, true, true, true, true].map((merged) => [taskId, merged]),
  )
  t.match(await submit(submission(2)), { taskId, duplicate: true }, 'one that comes again changes nothing')
  const waiting = await taskOf(taskId)
  t.match(waiting, { status: 'scheduled', held: 'debounce' })
  const ended = await endOfTask(bus, taskId)
  t.match(ended, { status: 'completed', input: { n: 4 } })
  t.notOk(ended.held)
  t.ok(ended.startAtMs >= receipts[4]!.startsAtMs!, 'not before its time')
  t.equal((await labelled('debounce')).length, 1)
  t.match(await submit(submission(3)), { taskId, duplicate: true }, 'nor afterwards')
  const next = await submit(submission(9))
  t.match(next, { merged: false, duplicate: false })
  t.not(next.taskId, taskId)
  t.match(await endOfTask(bus, next.taskId), { status: 'completed', input: { n: 9 } })
})

t.test('debounce: no later than maxDelayMs after the first', async (t) => {
  const debounce = { key: newKey(), delayMs: 500, maxDelayMs: 1000 }
  const { taskId } = await submit(quick({ debounce, input: { n: 0 } }))
  const created = await taskOf(taskId)
  for (let n = 1; ; n++) {
    const receipt = await submit(quick({ debounce, input: { n } }))
    if (receipt.taskId === taskId) continue
    t.equal(receipt.merged, false, 'the next one is another task')
    await cancel(receipt.taskId)
    break
  }
  const { startAtMs } = await endOfTask(bus, taskId)
  t.ok(startAtMs - created.createdAtMs >= 950)
})

t.test('debounce: what is cancelled while it waits does not start, and the next opens anew', async (t) => {
  const debounce = { key: newKey(), delayMs: 60_000 }
  const { taskId } = await submit(quick({ debounce, input: { n: 0 } }))
  await cancel(taskId)
  t.equal((await endOfTask(bus, taskId)).status, 'cancelled')
  const next = await submit(quick({ debounce, input: { n: 1 } }))
  t.equal(next.merged, false)
  t.not(next.taskId, taskId)
  await cancel(next.taskId)
})

t.test('50 at the same time at two orchestrators are one debounced task', async (t) => {
  const debounce = { key: newKey(), delayMs: 1000 }
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, n) => submit(quick({ debounce, input: { n }, labels: { test: 'rush' } }))),
  )
  t.equal(new Set(all.map(({ taskId }) => taskId)).size, 1)
  t.equal(all.filter(({ merged }) => !merged).length, 1)
  t.equal((await endOfTask(bus, all[0]!.taskId)).status, 'completed')
  t.equal((await labelled('rush')).length, 1)
})

t.test('the examples of the document do what it says', async (t) => {
  const text = readFileSync(new URL('../../docs/tasks.md', import.meta.url), 'utf8')
  const section = text.slice(text.indexOf('## Singleton and debounce'), text.indexOf('## Watching'))
  const [one, many] = [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) => JSON.parse(json!))
  const first = await submit({ ...one, ...steps('heed'), singleton: one.singleton })
  await runs(first.taskId)
  const own = (example: { plan: { steps: object[] } }) => ({
    ...example,
    plan: {
      steps: example.plan.steps.map((step) => ({ ...step, agent: 'noop-a', input: { payload: 'x' } })),
    },
  })
  const second = await submit(own(one))
  t.strictSame(second, { taskId: second.taskId, duplicate: false, replaced: first.taskId })
  t.match(await endOfTask(bus, second.taskId), { status: 'completed', input: one.input })
  t.match(await taskOf(first.taskId), { status: 'cancelled' })
  const opened = await submit(own(many))
  const merged = await submit({ ...own(many), input: { changed: 'index.md' } })
  t.match(merged, { taskId: opened.taskId, duplicate: false, merged: true, startsAtMs: Number })
  t.match(await endOfTask(bus, opened.taskId), { status: 'completed', input: { changed: 'index.md' } })
})

t.test('murmur plan says what would become of it', async (t) => {
  const singleton = { key: newKey() }
  const free = await bus.call('checkPlan', quick({ singleton }) as never)
  t.match(free.byKey, /is free/)
  const { taskId } = await submit(steps('heed', { singleton }))
  const taken = await bus.call('checkPlan', quick({ singleton }) as never)
  t.match(taken.byKey, new RegExp(`task ${taskId} has the key .* refused`))
  await cancel(taskId)
})

t.test('what becomes of them is counted', async (t) => {
  const texts = await Promise.all(
    [first, second].map(async (one) =>
      (await fetch(`http://127.0.0.1:${factsOf(one).httpPort}/metrics`)).text(),
    ),
  )
  const of = (outcome: string) =>
    texts.reduce((sum, text) => {
      const line = new RegExp(`^murmur_keyed_submissions_total\\{outcome="${outcome}"\\} (.*)$`, 'm').exec(
        text,
      )
      return sum + Number(line?.[1] ?? 0)
    }, 0)
  t.ok(of('refused') >= 50)
  t.equal(of('existing'), 49)
  t.equal(of('replaced'), 12)
  t.ok(of('merged') >= 53)
})

t.test('an orchestrator is killed: what it has accepted starts once, with the last input', async (t) => {
  const labels = { test: 'killed' }
  const delayed = { singleton: { key: newKey() }, delayMs: 15_000, labels, input: { n: 1 } }
  const windows = Array.from({ length: 8 }, () => ({ key: newKey(), delayMs: 8000 }))
  const single = await submit(quick(delayed))
  const opened = await Promise.all(
    windows.map((debounce) => submit(quick({ debounce, labels, input: { n: 0 } }))),
  )
  await Promise.all(windows.map((debounce) => submit(quick({ debounce, labels, input: { n: 1 } }))))
  first.kill('SIGKILL')
  await redis.flushall()
  await t.rejects(submitPatiently(quick(delayed)), { code: 'SINGLETON_CONFLICT', taskId: single.taskId })
  const last = await Promise.all(
    windows.map((debounce) => submitPatiently(quick({ debounce, labels, input: { n: 2 } }))),
  )
  for (const [i, { taskId, merged }] of last.entries()) {
    const { input, status } = await endOfTask(bus, taskId)
    t.match({ input, status }, { input: { n: 2 }, status: 'completed' })
    if (merged) t.equal(taskId, opened[i]!.taskId)
    // The store took longer to come back than the window was open: then the first one has started with what it had.
    else t.match((await endOfTask(bus, opened[i]!.taskId)).input, { n: 1 })
  }
  t.match(await endOfTask(bus, single.taskId), { status: 'completed' })
  const tasks = await labelled('killed')
  t.equal(tasks.length, 1 + windows.length + last.filter(({ merged }) => !merged).length)
  t.ok(tasks.every(({ status }) => status === 'completed'))
})
