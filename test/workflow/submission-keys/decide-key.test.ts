import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { type TaskAccepted, taskAcceptedExample } from '#schemas/log-event.ts'
import { type OnConflict, type SubmissionKey, submissionKeySchema } from '#schemas/submission-key.ts'
import {
  closed,
  decideSubmission,
  describeVerdict,
  KEY_MEMORY_MS,
  type KeyFacts,
  keyOf,
  keyWork,
  published,
  RECENT_SUBMISSIONS,
  releaseOf,
  started,
} from '../../../services/workflow/submission-keys/decide-key.ts'

const T0 = 1_790_000_000_000
const task = (taskId: string, more: Partial<TaskAccepted> = {}): TaskAccepted => ({
  ...taskAcceptedExample,
  taskId,
  input: { id: taskId },
  bodyHash: `2:${taskId.padStart(64, '0')}`,
  ...more,
})
const facts = (more: Partial<KeyFacts> = {}): KeyFacts => ({ nowMs: T0, holderEnded: false, ...more })
const single = (
  before: SubmissionKey | undefined,
  taskId: string,
  { onConflict = 'reject', ...more }: Partial<KeyFacts> & { onConflict?: OnConflict } = {},
) => decideSubmission(before, { accepted: task(taskId), singleton: { key: 'k', onConflict } }, facts(more))
const debounced = (
  before: SubmissionKey | undefined,
  taskId: string,
  { accepted = {}, ...more }: Partial<KeyFacts> & { accepted?: Partial<TaskAccepted> } = {},
) =>
  decideSubmission(
    before,
    {
      accepted: task(taskId, { held: 'debounce', ...accepted }),
      debounce: { key: 'k', delayMs: 100, maxDelayMs: 250 },
    },
    facts(more),
  )
/** What is written, once it is in the log. */
function recordOf(verdict: ReturnType<typeof decideSubmission>): SubmissionKey {
  if (!('record' in verdict)) throw new Error(`${verdict.kind} writes nothing`)
  return submissionKeySchema.parse(JSON.parse(JSON.stringify(verdict.record)))
}
const inLog = (verdict: ReturnType<typeof decideSubmission>) => published(recordOf(verdict))

t.test('a free key: the task has it, and stands in it until the log has it', async (t) => {
  const verdict = single(undefined, 'a')
  const record = recordOf(verdict)
  t.match(record, { kind: 'singleton', key: 'k', holder: { taskId: 'a', sinceMs: T0 }, unpublished: true })
  t.strictSame(record.task, task('a'))
  t.match(published(record), { holder: { taskId: 'a' } })
  t.strictSame([published(record).task, published(record).unpublished], [undefined, undefined])
})

t.test('reject: the second is told who has the key, until that has ended', async (t) => {
  const held = inLog(single(undefined, 'a'))
  t.strictSame(single(held, 'b'), { kind: 'refused', taskId: 'a', why: 'held-by-other' })
  t.match(single(held, 'b', { holderEnded: true }), { kind: 'started', record: { holder: { taskId: 'b' } } })
})

t.test('return-existing: the task is the answer, and the same again has the same answer', async (t) => {
  const held = inLog(single(undefined, 'a'))
  const verdict = single(held, 'b', { onConflict: 'return-existing' })
  t.match(verdict, { kind: 'existing', taskId: 'a' })
  const after = recordOf(verdict)
  t.strictSame(single(after, 'b', { holderEnded: true }), { kind: 'repeated', taskId: 'a', isSame: true })
  const other = decideSubmission(
    after,
    { accepted: task('b', { bodyHash: 'another' }), singleton: { key: 'k', onConflict: 'reject' } },
    facts(),
  )
  t.match(other, { kind: 'repeated', isSame: false })
})

t.test('replace: it is held until all before it are over', async (t) => {
  const first = single(inLog(single(undefined, 'a')), 'b', { onConflict: 'replace' })
  t.match(first, { kind: 'started', replaced: 'a', record: { task: { held: 'singleton', v: 2 } } })
  const waiting = inLog(first)
  t.strictSame(waiting.predecessors, ['a'])
  t.equal(keyWork(waiting, T0), 'await-predecessors')
  const second = single(waiting, 'c', { onConflict: 'replace' })
  t.strictSame(inLog(second).predecessors, ['a', 'b'])
  t.strictSame(releaseOf(waiting), { v: 2, taskId: 'b', action: 'release' })
  const running = started(waiting, T0 + 1)
  t.strictSame([running.holder?.taskId, running.predecessors], ['b', undefined])
  t.equal(keyWork(running, T0 + 1), undefined)
})

t.test('one that was to replace another ends before that: the other has the key', async (t) => {
  const waiting = inLog(single(inLog(single(undefined, 'a')), 'b', { onConflict: 'replace' }))
  t.match(single(waiting, 'c', { holderEnded: true }), { kind: 'refused', taskId: 'a' })
  const next = single(waiting, 'c', { holderEnded: true, onConflict: 'replace' })
  t.match(next, { kind: 'started', replaced: 'a', record: { task: { held: 'singleton' } } })
  t.strictSame(inLog(next).predecessors, ['a'])
})

t.test('no more are replaced at once than may be', async (t) => {
  let record = inLog(single(undefined, 'a'))
  for (let i = 0; i < LIMITS.replacedTasks; i++)
    record = inLog(single(record, `b${i}`, { onConflict: 'replace' }))
  t.match(single(record, 'z', { onConflict: 'replace' }), { kind: 'refused', why: 'too-many-replaced' })
})

t.test('debounce: each moves the start, up to the longest delay, and the last input counts', async (t) => {
  let record = inLog(debounced(undefined, 'a'))
  t.match(record, { window: { openedAtMs: T0, dueMs: T0 + 100, submissions: 1 }, task: { taskId: 'a' } })
  const merged = debounced(record, 'b', { nowMs: T0 + 90 })
  t.match(merged, { kind: 'merged', taskId: 'a', startsAtMs: T0 + 190 })
  record = recordOf(merged)
  record = recordOf(debounced(record, 'c', { nowMs: T0 + 180, accepted: { priority: 0 } }))
  t.match(record.window, { dueMs: T0 + 250, submissions: 3 }, 'not beyond the longest')
  t.equal(keyWork(record, T0 + 249), undefined)
  t.equal(keyWork(record, T0 + 250), 'close-window')
  const control = releaseOf(closed(record))
  t.match(control, { action: 'release', taskId: 'a', task: { input: { id: 'c' }, priority: 0 } })
})

t.test('debounce: what comes when it is decided is another task', async (t) => {
  const record = closed(inLog(debounced(undefined, 'a')))
  t.equal(keyWork(record, T0), 'start')
  t.match(debounced(record, 'b'), { kind: 'started' })
  const over = started(record, T0 + 100)
  t.strictSame([over.holder, over.window, over.task], [undefined, undefined, undefined])
  t.match(debounced(over, 'b'), { kind: 'started', record: { holder: { taskId: 'b' } } })
  t.strictSame(
    debounced(over, 'a'),
    { kind: 'repeated', taskId: 'a', isSame: true },
    'but not the same again',
  )
})

t.test('debounce: one that comes twice is merged once', async (t) => {
  const record = recordOf(debounced(inLog(debounced(undefined, 'a')), 'b'))
  t.strictSame(debounced(record, 'b', { nowMs: T0 + 50 }), { kind: 'repeated', taskId: 'a', isSame: true })
})

t.test('debounce: another type is refused; a task that was cancelled takes nothing', async (t) => {
  const record = inLog(debounced(undefined, 'a'))
  t.match(debounced(record, 'b', { accepted: { type: 'report' } }), { kind: 'refused', why: 'other-type' })
  t.match(debounced(record, 'b', { holderEnded: true }), {
    kind: 'started',
    record: { holder: { taskId: 'b' } },
  })
})

t.test('only the last submissions are remembered', async (t) => {
  let record = inLog(debounced(undefined, 'first'))
  for (let i = 0; i < RECENT_SUBMISSIONS; i++) record = recordOf(debounced(record, `s${i}`))
  t.equal(record.recent.length, RECENT_SUBMISSIONS)
  t.match(debounced(record, 's0'), { kind: 'repeated' })
  t.match(debounced(record, 'first'), { kind: 'repeated', taskId: 'first' }, 'the task itself is known')
})

t.test('what nobody has finished is taken over after a while; what rests is forgotten', async (t) => {
  const record = recordOf(single(undefined, 'a'))
  t.equal(keyWork(record, T0 + 999), undefined)
  t.equal(keyWork(record, T0 + 1000), 'publish')
  const resting = published(record)
  t.equal(keyWork(resting, T0 + KEY_MEMORY_MS - 1), undefined)
  t.equal(keyWork(resting, T0 + KEY_MEMORY_MS), 'forget')
})

t.test('what would become of it, for people', async (t) => {
  const held = inLog(single(undefined, 'a'))
  const text = (verdict: ReturnType<typeof decideSubmission>) => describeVerdict(verdict, 'k')
  t.match(text(single(undefined, 'a')), /is free/)
  t.match(text(single(held, 'b')), /task a has the key "k": it would be refused/)
  t.match(text(single(held, 'b', { onConflict: 'return-existing' })), /task a .*would be the answer/)
  t.match(text(single(held, 'b', { onConflict: 'replace' })), /task a .*would be cancelled/)
  t.match(text(single(held, 'a')), /before, as task a/)
  t.match(text(debounced(undefined, 'a')), /would wait 100 ms/)
  t.match(text(debounced(inLog(debounced(undefined, 'a')), 'b')), /task a waits/)
})

t.test('the key of a submission', async (t) => {
  const accepted = task('a')
  t.equal(keyOf({ accepted }), undefined)
  t.strictSame(keyOf({ accepted, singleton: { key: 'x', onConflict: 'reject' } }), {
    kind: 'singleton',
    key: 'x',
  })
})

t.test('the same submission in another epoch of the log is the same', async (t) => {
  const [plain, later] = [`t${'a'.repeat(22)}`, `t${'a'.repeat(22)}-4x8`]
  const submitted = (before: SubmissionKey | undefined, taskId: string) => {
    const accepted = task(taskId, { bodyHash: task('same').bodyHash })
    return decideSubmission(before, { accepted, singleton: { key: 'k', onConflict: 'reject' } }, facts())
  }
  const record = recordOf(submitted(undefined, plain))
  const same = { kind: 'repeated', taskId: plain, isSame: true }
  t.strictSame(submitted(record, later), same)
  t.strictSame(submitted({ ...record, recent: [] }, later), same, 'by the task that has the key')
  t.strictSame(submitted(recordOf(submitted(undefined, later)), plain), { ...same, taskId: later })
  t.match(submitted(record, `t${'b'.repeat(22)}-4x8`), { kind: 'refused', taskId: plain })
})
