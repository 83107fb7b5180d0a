import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { NatsEmitter } from '../../../services/orchestrator/partition/emitter.ts'
import { MESSAGE_IDS } from '../../../subjects/subjects.ts'
import { taskState } from '../../support/task-states.ts'

const nothing = () => undefined
/** With all that it may be made from. */
const timerId = MESSAGE_IDS.timer as (taskId: string, dueMs: number, nowMs: number) => string

/** An emitter of which nothing is known but what it publishes. */
function recorder(): { ids: string[]; emit: (state: TaskState, attempt: number) => Promise<void> } {
  const ids: string[] = []
  const publish = async (_subject: string, _data: unknown, { msgId }: { msgId: string }) => {
    ids.push(msgId)
    return { seq: ids.length, duplicate: false }
  }
  const deps = {
    bus: { publisher: { publish }, publishCore: nothing, maxPayloadBytes: 1024 ** 2, connected: true },
    blobs: {},
    store: {},
    partition: 0,
    instance: 'one',
    parked: {},
    dispatched: { stored: nothing, forget: nothing, retract: nothing },
    observer: { onDispatch: nothing, onAnnounced: nothing, onBuried: nothing },
    clock: { nowMs: () => 1, monotonicMs: () => 1, sleep: async () => undefined },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  }
  const emitter = new NatsEmitter(deps as unknown as ConstructorParameters<typeof NatsEmitter>[0])
  return {
    ids,
    emit: (state, attempt) =>
      emitter.emit([{ state, commands: [{ kind: 'DispatchStep', stepId: 'a', attempt }] }]),
  }
}

const outAt = (id: string, attempt: number) =>
  taskState(id, { steps: { a: { status: 'dispatched', attempt } } })

t.test('a command has the same message id whoever sends it, however often', async (t) => {
  const [owner, successor] = [recorder(), recorder()]
  await owner.emit(outAt('task-1', 1), 1)
  await owner.emit(outAt('task-1', 1), 1)
  await successor.emit(outAt('task-1', 1), 1)
  t.equal(new Set([...owner.ids, ...successor.ids]).size, 1)
  t.equal(owner.ids.length + successor.ids.length, 3)
})

t.test('another attempt and another task have ids of their own', async (t) => {
  const { ids, emit } = recorder()
  await emit(outAt('task-1', 1), 1)
  await emit(outAt('task-1', 2), 2)
  await emit(outAt('task-2', 1), 1)
  t.equal(new Set(ids).size, 3)
})

t.test('ids are the same for the same thing and different for any other', async (t) => {
  const names = ['t', 'u'].flatMap((task) => ['a', 'b'].map((step) => [task, step] as const))
  const all = [1, 2].flatMap((n) => [
    ...names.flatMap(([task, step]) => [
      MESSAGE_IDS.dispatch(task, step, n),
      MESSAGE_IDS.result(task, step, n),
    ]),
    ...['t', 'u'].map((task) => timerId(task, n, 1)),
  ])
  all.push(...['t', 'u'].map((task) => MESSAGE_IDS.accepted(task)))
  t.equal(new Set(all).size, all.length)
  t.equal(timerId('t', 5, 1), timerId('t', 5, 1))
})
