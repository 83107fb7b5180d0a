import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState } from '#schemas/task.ts'
import {
  decodeTask,
  encodeTask,
  isUnreadable,
  LaterState,
} from '../../../services/orchestrator/partition/stored-task.ts'
import { taskState, write } from '../../support/task-states.ts'

const task = taskState('t', { labels: { team: 'north' }, output: 1 })

t.test('a task comes back as it was, and what never changes is written once', async (t) => {
  const stored = encodeTask(write(task, { isNew: true }))
  t.strictSame(decodeTask('t', stored.state, stored.definition), task)
  t.strictSame(Object.keys(JSON.parse(stored.state)), ['status', 'rev', 'seq', 'deadlineAtMs', 'steps', 'output'])
  const later = encodeTask(write({ ...task, rev: 2 }))
  t.equal(later.definition, '')
  t.match(decodeTask('t', later.state, stored.definition), { rev: 2, labels: { team: 'north' } })
})

t.test('what can not be stored is refused, with its task', async (t) => {
  const refused = (state: TaskState, why: RegExp, about = {}) =>
    t.throws(() => encodeTask(write(state, { isNew: true, ...about })), { taskId: 't', message: why })
  refused({ ...task, output: 'x'.repeat(LIMITS.stateBytes) }, /bytes, at most 4718592 are stored/)
  refused({ ...task, createdAtMs: Number.NaN }, /no number/)
  refused(task, /no number/, { dueMs: Number.POSITIVE_INFINITY })
  refused(task, /no number/, { keepMs: Number.NaN })
  const round: Record<string, unknown> = {}
  round.round = round
  refused({ ...task, output: round as TaskState['output'] & object }, /can't be written as JSON/)
  const room = LIMITS.stateBytes - JSON.stringify({ ...task, output: '' }).length
  t.ok(encodeTask(write({ ...task, output: 'x'.repeat(room - 100) }, { isNew: true })))
})

t.test('nothing is nothing', async (t) => {
  t.equal(decodeTask('t', null, undefined), undefined)
  t.notOk(isUnreadable(undefined))
  t.notOk(isUnreadable(task))
})

t.test('what stands there and is no task is told, with what is known of it', async (t) => {
  const { state, definition } = encodeTask(write(task, { isNew: true }))
  const spoilt = (change: object) => JSON.stringify({ ...JSON.parse(state), ...change })
  const cases: [why: RegExp, state: string | null, definition: string | null][] = [
    [/state is no JSON object/, '[]', definition],
    [/state is no JSON object/, null, definition],
    [/definition is no JSON object/, state, '{'],
    [/definition is no JSON object/, state, null],
    [/of another task/, state, definition.replace('"id":"t"', '"id":"u"')],
    [/status is none/, spoilt({ status: 'dancing' }), definition],
    [/no number/, spoilt({ rev: 'one' }), definition],
    [/no tenant or no type/, state, definition.replace('"type":"plan"', '"type":1')],
    [/no input or no steps/, spoilt({ steps: [] }), definition],
    [/no plan/, state, definition.replace('"steps":[', '"other":[')],
    [/without a name or anything to do/, state, definition.replace('"agent":"x"', '"agent":1')],
    [/needs no list/, state, definition.replace('"agent":"x"', '"agent":"x","needs":"b"')],
    [/step a has no state/, spoilt({ steps: {} }), definition],
    [/step a has no state/, spoilt({ steps: { a: { status: 'dancing', attempt: 1 } } }), definition],
    [/step a has no attempt/, spoilt({ steps: { a: { status: 'waiting', attempt: 0.5 } } }), definition],
  ]
  for (const [why, text, fixed] of cases) t.match(decodeTask('t', text, fixed), { id: 't', why }, String(why))
  t.match(decodeTask('t', '[]', definition), {
    known: { tenant: 'default', type: 'plan', createdAtMs: 1000, priority: 1 },
  })
  t.strictSame(
    decodeTask('t', state, '{"tenant":1,"createdAtMs":"x","priority":7}'),
    { id: 't', why: 'it is of another task', known: {} },
    'and nothing that only looks like it',
  )
})

t.test('a state of a later version is not touched', async (t) => {
  const { state, definition } = encodeTask(write(task, { isNew: true }))
  try {
    decodeTask('t', state, definition.replace('"v":1', '"v":2'))
    t.fail('it was read')
  } catch (error) {
    t.type(error, LaterState)
    t.match(error, { message: 'the state of task t is of version 2' })
  }
})
