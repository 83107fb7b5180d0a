import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { KnownCheckpoints } from '../../../services/orchestrator/checkpoints/known-checkpoints.ts'
import { writeCheckpoint } from '../../../services/orchestrator/checkpoints/write-checkpoint.ts'
import { MemoryCheckpointLog } from '../../support/memory-checkpoint-log.ts'
import { taskState } from '../../support/task-states.ts'

const AT = { claim: 'me', foldedTo: 5, upTo: 6, upToMs: 60 }

function world(outcomes: ({ output: number } | undefined)[] = []) {
  const log = new MemoryCheckpointLog()
  const known = new KnownCheckpoints()
  const writes: string[] = []
  log.onWrite = (what) => void writes.push(what)
  const store = { readItems: async () => outcomes }
  const write = (state: TaskState, at = AT) => writeCheckpoint({ partition: 0, store, log, known }, state, at)
  return { log, known, writes, write, outcomes }
}

t.test('what has not changed is not written again', async (t) => {
  const { known, writes, write } = world()
  t.equal(await write(taskState('a')), 'written')
  t.equal(await write(taskState('a')), 'same')
  t.equal(await write(taskState('a', { rev: 2 })), 'written')
  t.strictSame(writes, ['state', 'state'])
  t.equal(known.get('a')?.seq, 2)
})

t.test('of a long list what has changed is written, and before the state', async (t) => {
  const { writes, write, outcomes } = world()
  const items = (next: number) => ({ total: 10_000, next, completed: next, failed: 0 })
  const state = (next: number) =>
    taskState('a', { steps: { a: { status: 'running', attempt: 0, items: items(next) } } })
  for (let n = 0; n < 130; n++) outcomes.push({ output: n })
  t.equal(await write(state(130)), 'written')
  t.strictSame(writes.splice(0), ['items', 'items', 'items', 'state'])
  outcomes.push({ output: 130 })
  t.equal(await write(state(131)), 'written')
  t.strictSame(writes.splice(0), ['items', 'state'])
  outcomes.length = 0
  t.equal(await write(state(132)), 'left', 'the list was made whole meanwhile')
  t.strictSame(writes, [])
})

t.test('a large state goes in parts, and those of the one before are taken away', async (t) => {
  const { log, write } = world()
  const noise = (salt: number) => Array.from({ length: 40_000 }, (_, i) => Math.sin(i + salt))
  await write(taskState('a', { input: { noise: noise(1) } }))
  const first = log.messages.filter(({ kind }) => kind === 'part').length
  t.ok(first > 1)
  await write(taskState('a', { input: { noise: noise(2) } }), { ...AT, upTo: 9 })
  const parts = log.messages.filter((one) => one.kind === 'part')
  t.ok(parts.length > 0 && parts.every((one) => one.kind === 'part' && one.upTo === 9))
})

t.test('where somebody else has written it is left, and tried again behind that', async (t) => {
  const { log, known, write } = world()
  await write(taskState('a'))
  const stale = { v: 1 as const, taskId: 'a', ...AT, claim: 'former', state: {} }
  await log.writeState(0, stale, { tenant: 'default', afterSeq: 1 })
  t.equal(await write(taskState('a', { rev: 2 })), 'left')
  t.match(known.get('a'), { isDirty: true, seq: 2 })
  t.equal(await write(taskState('a', { rev: 2 })), 'written')
})
