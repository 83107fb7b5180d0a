import t from 'tap'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import {
  CheckpointReader,
  lastStateOf,
} from '../../../services/orchestrator/checkpoints/checkpoint-reader.ts'
import { firstHorizon } from '../../../services/orchestrator/checkpoints/claim-checkpoints.ts'
import type { RestoredTask } from '../../../services/orchestrator/partition/fold-batch.ts'
import { MemoryCheckpointLog } from '../../support/memory-checkpoint-log.ts'
import { taskState } from '../../support/task-states.ts'

/** Message n of the log was stored at 10 n. */
const storedAt = async (seq: number) => 10 * seq

function world(about: Partial<HorizonRecord> = {}, log = { firstSeq: 40, lastSeq: 200 }) {
  const checkpoints = new MemoryCheckpointLog()
  const record = {
    ...firstHorizon('me', 'born-1'),
    ...{ claims: [{ claim: 'me', from: 2 }], horizon: 100, horizonMs: 1000, offset: 150, offsetMs: 1500 },
    ...about,
  }
  const places = new Map<string, number>()
  const write = async (
    id: string,
    seq: number,
    more: { claim?: string; upTo?: number; upToMs?: number } = {},
  ) => {
    const { claim = 'me', upTo = seq, upToMs = 10 * upTo } = more
    const state = taskState(id, { seq }) as unknown as Record<string, unknown>
    const body = { v: 1 as const, taskId: id, claim, foldedTo: seq, upTo, upToMs, state }
    const about = { tenant: 'default', afterSeq: places.get(id) ?? 0 }
    const done = await checkpoints.writeState(0, body, about)
    if ('seq' in done) places.set(id, done.seq)
  }
  const read = async () => {
    const tasks: RestoredTask[] = []
    const unreadable: string[] = []
    const reader = new CheckpointReader({
      ...{ partition: 0, checkpoints, log, record, storedAt, signal: new AbortController().signal },
      onTask: async (task) => void tasks.push(task),
      onUnreadable: (taskId, why) => void unreadable.push(`${taskId}: ${why}`),
    })
    const offset = await reader.read()
    const found = Object.fromEntries(tasks.map(({ state }) => [state.id, state.seq]))
    return { offset, found, unreadable }
  }
  return { checkpoints, write, read }
}

t.test('the last state of each task, and the log from the horizon on', async (t) => {
  const { write, read } = world()
  for (const seq of [50, 90, 120]) await write('a', seq)
  await write('b', 10)
  t.strictSame(await read(), { offset: 100, found: { a: 120, b: 10 }, unreadable: [] })
})

t.test('what a former owner writes too late counts for nothing', async (t) => {
  const { write, read } = world()
  await write('other', 1)
  await write('another', 1)
  await write('a', 90)
  await write('a', 95, { claim: 'former' })
  await write('zombie', 60, { claim: 'former' })
  const { offset, found, unreadable } = await read()
  t.equal(found.a, 90)
  t.equal(offset, 100, 'its owner has looked at it: the log is folded from the horizon')
  t.notOk('zombie' in found)
  t.strictSame(unreadable, [], 'nothing is owed of it')
})

t.test('made from a part of the log that was lost: the one before counts, and more of the log', async (t) => {
  const { write, read } = world()
  await write('a', 80)
  await write('a', 170, { upToMs: 1 })
  await write('b', 201)
  await write('c', 160)
  const { offset, found, unreadable } = await read()
  t.strictSame([offset, found], [80, { a: 80, c: 160 }])
  t.match(unreadable, [/b: it was made from another log/])
})

t.test('the one before is of no use where the log has no more what came behind it', async (t) => {
  const { write, read } = world()
  await write('a', 20)
  await write('a', 170, { upToMs: 1 })
  t.match(await read(), { offset: 100, found: {}, unreadable: [/the log has no more/] })
})

t.test('one that can not be read any more, and one that somebody else has written', async (t) => {
  const { checkpoints, write, read } = world()
  for (const id of ['a', 'b']) for (const seq of [70, 90]) await write(id, seq)
  checkpoints.spoil('a', false)
  checkpoints.spoil('b', true)
  t.match(await read(), { offset: 70, found: { a: 70, b: 70 }, unreadable: [] })
})

t.test(
  'outcomes of items come from all pieces that there are; where some are missing nothing is made up',
  async (t) => {
    const checkpoints = new MemoryCheckpointLog()
    const of = { tenant: 'default', taskId: 'a' }
    const items = { total: 9, next: 4, completed: 3, failed: 0 }
    const state = taskState('a', { seq: 90, steps: { a: { status: 'running', attempt: 0, items } } })
    const body = { v: 1 as const, taskId: 'a', claim: 'me', foldedTo: 90, upTo: 90, upToMs: 900 }
    await checkpoints.writeItems(0, of, { stepId: 'a', piece: 0, items: [[0, { output: 'x' }]] })
    const record = {
      ...firstHorizon('me', 'born-1'),
      ...{ horizon: 100, horizonMs: 1000, offset: 150, offsetMs: 1500 },
    }
    const read = async () => {
      const tasks: RestoredTask[] = []
      const unreadable: string[] = []
      await new CheckpointReader({
        ...{ partition: 0, checkpoints, record, storedAt, signal: new AbortController().signal },
        log: { firstSeq: 1, lastSeq: 200 },
        onTask: async (task) => void tasks.push(task),
        onUnreadable: (_, why) => void unreadable.push(why),
      }).read()
      return { tasks, unreadable }
    }
    await checkpoints.writeState(
      0,
      { ...body, state: state as unknown as Record<string, unknown> },
      { tenant: 'default', afterSeq: 0 },
    )
    t.match(await read(), { tasks: [], unreadable: [/2 outputs of the list of step a are missing/] })
    const more: [number, { output: string }][] = [1, 3, 7].map((index) => [index, { output: `${index}` }])
    await checkpoints.writeItems(0, of, { stepId: 'a', piece: 1, items: more })
    const { tasks } = await read()
    t.strictSame(
      tasks[0]?.kept.map(({ index }) => index),
      [0, 1, 3],
      'what the state does not know of yet comes with the log',
    )
  },
)

t.test('the last state of one task, for whoever has to make it again', async (t) => {
  const { checkpoints, write } = world()
  t.equal(await lastStateOf(checkpoints, 0, 'a'), undefined)
  await checkpoints.writeHorizon(0, firstHorizon('me', 'born-1'), 0)
  await write('a', 90)
  t.equal((await lastStateOf(checkpoints, 0, 'a'))?.seq, 90)
})
