import t from 'tap'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskCommands } from '../../../services/orchestrator/partition/fold-batch.ts'
import { MurmurError } from '../../../services/platform/errors/murmur-error.ts'
import type { BlobStore } from '../../../services/platform/nats/blob-store.ts'
import { queueRoom, STREAMS } from '../../../subjects/streams.ts'
import { DEAD_CODE_HEADER, DEAD_REASON_HEADER, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { dispatchedTask, dispatchOf, emitterOf } from '../../support/emitter-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const storageBytes = 0.05 * 1024 ** 3
const room = queueRoom(STREAMS.steps, storageBytes)!
const servers = await withServers(t, { nats: { maxPayloadBytes: 256 * 1024 } })
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 4, storageBytes })
const blobs = await bus.objects.create({ storageBytes })

const queued = async (subject: string) =>
  (await jsm.streams.info('STEPS', { subjects_filter: subject })).state.subjects?.[subject] ?? 0
const lastResult = async (agent: string): Promise<StepResult | undefined> => {
  const seq = await bus.streams.lastSeq('LOG', SUBJECTS.result(0, agent))
  const message = seq === 0 ? undefined : await bus.streams.messageAt('LOG', seq)
  return message && JSON.parse(Buffer.from(message.data).toString())
}
const tasksFor = (agent: string, count: number, firstSeq = 1): TaskState[] =>
  Array.from({ length: count }, (_, i) => dispatchedTask(`${agent}-${i}`, { agent, seq: firstSeq + i }))

t.test(
  'a full queue stops only its own, keeps the watermark back, and goes on when there is room',
  async (t) => {
    const { emitter, parked, keep } = emitterOf({ bus, blobs })
    t.teardown(() => emitter.clear())
    const dead = tasksFor('dead', room + 100)
    const alive = tasksFor('alive', 100, 1000)
    await keep([...dead, ...alive])
    await emitter.emit(dead.map(dispatchOf))
    await emitter.emit(alive.map(dispatchOf))
    t.equal(await queued('steps.alive.any.1'), 100, 'all of them, while the other queue is full')
    t.equal(await queued('steps.dead.any.1'), room)
    t.equal(parked.of('dead'), 100)
    t.ok(emitter.heldFrom! >= 1 && emitter.heldFrom! <= room + 1, `held from ${emitter.heldFrom}`)
    await keep([{ ...dead[room]!, status: 'cancelled', steps: { a: { status: 'cancelled', attempt: 1 } } }])
    await jsm.streams.purge('STEPS', { filter: 'steps.dead.any.1' })
    await until('all are out', () => emitter.heldFrom === undefined)
    t.equal(parked.of('dead'), 0)
    const after = await queued('steps.dead.any.1')
    t.ok(after === 99 || after === 100, `${after} were sent; the cancelled one only if it went out before`)
  },
)

t.test('what was superseded or ended while it waited is never sent', async (t) => {
  const { emitter, keep } = emitterOf({ bus, blobs })
  t.teardown(() => emitter.clear())
  const first = tasksFor('late', room)
  await keep(first)
  await emitter.emit(first.map(dispatchOf))
  const [ended, superseded, wanted] = ['ended', 'superseded', 'wanted'].map((id, i) =>
    dispatchedTask(id, { agent: 'late', seq: 500 + i }),
  ) as [TaskState, TaskState, TaskState]
  await keep([ended, superseded, wanted])
  await emitter.emit([ended, superseded, wanted].map(dispatchOf))
  t.equal(emitter.heldFrom, 500)
  await keep([
    { ...ended, status: 'cancelled', steps: { a: { status: 'cancelled', attempt: 1 } } },
    { ...superseded, steps: { a: { status: 'backoff', attempt: 1 } } },
  ])
  await jsm.streams.purge('STEPS', { filter: 'steps.late.any.1' })
  await until('nothing waits', () => emitter.heldFrom === undefined)
  t.equal(await queued('steps.late.any.1'), 1)
})

t.test('who starts over forgets what waited', async (t) => {
  const { emitter, parked, keep } = emitterOf({ bus, blobs })
  const tasks = tasksFor('gone', room + 5)
  await keep(tasks)
  await emitter.emit(tasks.map(dispatchOf))
  t.equal(parked.of('gone'), 5)
  emitter.clear()
  t.equal(parked.of('gone'), 0)
  t.equal(emitter.heldFrom, undefined)
  await jsm.streams.purge('STEPS', { filter: 'steps.gone.any.1' })
  const more = tasksFor('gone', 1, 900)
  await emitter.emit(more.map(dispatchOf))
  t.equal(await queued('steps.gone.any.1'), 0, 'its id is known: nothing was sent twice')
})

t.test(
  'an input that is larger than may be inline goes by reference, whatever the server takes',
  async (t) => {
    const { emitter, keep } = emitterOf({ bus, blobs })
    const large = dispatchedTask('large', { agent: 'reader', stepInput: 'x'.repeat(250 * 1024) })
    await keep([large])
    await emitter.emit([dispatchOf(large)])
    const message = await bus.streams.messageAt(
      'STEPS',
      await bus.streams.lastSeq('STEPS', 'steps.reader.any.1'),
    )
    t.match(JSON.parse(Buffer.from(message!.data).toString()), {
      input: { $json: { blob: /^tasks\/large\/a\//, size: 250 * 1024 + 2 } },
    })
  },
)

t.test(
  'an object store that stays full ends the step with its reason; small ones go on meanwhile',
  async (t) => {
    const full: Pick<BlobStore, 'put'> = {
      put: async () => {
        throw new MurmurError('OVERLOADED', 'the object store is full: maximum bytes exceeded')
      },
    }
    const { emitter, keep } = emitterOf({ bus, blobs: full, objectsWaitMs: 400 })
    t.teardown(() => emitter.clear())
    const large = Array.from({ length: 3 }, (_, i) =>
      dispatchedTask(`big-${i}`, { agent: 'full', stepInput: 'x'.repeat(100_000), seq: 7 + i }),
    )
    const small = tasksFor('full', 5, 100)
    await keep([...large, ...small])
    await emitter.emit([...large, ...small].map(dispatchOf))
    t.equal(await queued('steps.full.any.1'), 5)
    t.equal(emitter.heldFrom, 7)
    await until('they are decided', () => emitter.heldFrom === undefined)
    const result = await lastResult('full')
    t.match(result, {
      stepId: 'a',
      attempt: 1,
      outcome: { kind: 'fail', error: { code: 'DISPATCH_FAILED', message: /object store is full/ } },
    })
    const info = await jsm.streams.info('LOG', { subjects_filter: SUBJECTS.result(0, 'full') })
    t.equal(info.state.subjects?.[SUBJECTS.result(0, 'full')], 3, 'one decision each')
  },
)

t.test('an object store that is full for a moment costs that moment', async (t) => {
  let isFull = true
  const passing: Pick<BlobStore, 'put'> = {
    put: (...args) => {
      if (isFull) return Promise.reject(new MurmurError('OVERLOADED', 'full'))
      return blobs.put(...args)
    },
  }
  const { emitter, keep } = emitterOf({ bus, blobs: passing })
  t.teardown(() => emitter.clear())
  const large = dispatchedTask('patient', { agent: 'patient', stepInput: 'x'.repeat(100_000) })
  await keep([large])
  await emitter.emit([dispatchOf(large)])
  t.equal(emitter.heldFrom, 1)
  isFull = false
  await until('it is out', () => emitter.heldFrom === undefined)
  t.equal(await queued('steps.patient.any.1'), 1)
  t.equal(await lastResult('patient'), undefined)
})

t.test('a real bucket without room says so', async (t) => {
  const put = () => blobs.put('fill', Buffer.alloc(4 * 1024 * 1024), { contentType: 'text/plain' })
  const fault = await (async () => {
    for (let i = 0; i < 20; i++) await put()
  })().catch((error: unknown) => error)
  t.match(fault, { code: 'OVERLOADED', message: /object store is full.*maximum bytes/, retryAfterMs: 5000 })
})

t.test('what references blow up beyond every message is not even written down', async (t) => {
  const { emitter, keep } = emitterOf({ bus, blobs })
  const reference = { $from: 'input.big' }
  const bomb = dispatchedTask('bomb', { agent: 'bomb' })
  bomb.input = { big: 'x'.repeat(150_000) }
  bomb.plan.steps[0]!.input = Array.from({ length: 4200 }, () => reference)
  const next = dispatchedTask('next', { agent: 'bomb' })
  await keep([bomb, next])
  await emitter.emit([bomb, next].map(dispatchOf))
  t.match(await lastResult('bomb'), {
    taskId: 'bomb',
    outcome: { kind: 'fail', error: { code: 'EXPANSION_TOO_LARGE', message: /characters/ } },
  })
  t.equal(await queued('steps.bomb.any.1'), 1, 'the next one')
})

t.test('an event that no message can hold holds up nothing', async (t) => {
  const { emitter, keep } = emitterOf({ bus, blobs })
  const state = dispatchedTask('told', { agent: 'told' })
  await keep([state])
  const event = { v: 1 as const, kind: 'progress' as const, taskId: 'told', type: 'plan', rev: 1, atMs: 0 }
  const announce = { kind: 'AnnounceEvent' as const, event: { ...event, note: 'x'.repeat(300_000) } }
  const { commands } = dispatchOf(state)
  await emitter.emit([{ state, commands: [announce, ...commands] }])
  t.equal(await queued('steps.told.any.1'), 1)
})

t.test(
  'a step that is given up is kept once, with its last error, its attempt and its whole input',
  async (t) => {
    const { emitter } = emitterOf({ bus, blobs })
    t.teardown(() => emitter.clear())
    const error = { code: 'POISON_MESSAGE', message: 'it took down “a process”\nthree times' }
    const input = { rows: ['ä€', 1.5, null] }
    const state = dispatchedTask('poison', {
      agent: 'crasher',
      stepInput: input,
      status: 'failed',
      steps: { a: { status: 'failed', attempt: 3, error } },
    })
    const bury: TaskCommands = { state, commands: [{ kind: 'BuryStep', stepId: 'a', attempt: 3 }] }
    await emitter.emit([bury])
    await emitter.emit([bury])
    const { seq, ...kept } = (await bus.streams.lastMessage('DEAD', SUBJECTS.dead('crasher')))!
    t.equal(seq, 1, 'a new owner that sends it again adds nothing')
    t.match(JSON.parse(Buffer.from(kept.data).toString()), {
      taskId: 'poison',
      stepId: 'a',
      attempt: 3,
      input,
    })
    t.equal(kept.header(DEAD_CODE_HEADER), 'POISON_MESSAGE')
    t.equal(kept.header(DEAD_REASON_HEADER), 'it took down a process three times')
  },
)
