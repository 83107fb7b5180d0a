import fc from 'fast-check'
import t from 'tap'
import { stepResultExample } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { assignPartitions } from '../../services/orchestrator/partition/assign-partitions.ts'
import { decodeEvent } from '../../services/orchestrator/partition/decode-event.ts'
import { EmissionWindow } from '../../services/orchestrator/partition/emission-window.ts'
import { EventInbox } from '../../services/orchestrator/partition/event-inbox.ts'
import { TaskCache } from '../../services/orchestrator/partition/task-cache.ts'
import { taskState } from '../support/task-states.ts'

t.test('partitions: each has one owner, shares differ by one at most', async (t) => {
  const namesArbitrary = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(namesArbitrary, fc.integer({ min: 1, max: 64 }), (names, partitions) => {
      const members = names.sort()
      const shares = members.map((name) => [...assignPartitions(members, name, partitions)])
      const owned = shares.flat().sort((a, b) => a - b)
      if (owned.length !== partitions || owned.some((p, i) => p !== i)) return false
      const sizes = shares.map((share) => share.length)
      return Math.max(...sizes) - Math.min(...sizes) <= 1
    }),
  )
  t.strictSame(assignPartitions(['a', 'b'], 'c', 16), new Set(), 'who is no member has none')
})

t.test('the cache keeps what was used last, and nothing that has ended', async (t) => {
  const cache = new TaskCache(2)
  const put = (id: string, about: Partial<TaskState> = {}) =>
    cache.put(new Map([[id, { state: taskState(id, about), storedDueMs: 1 }]]))
  const kept = () => ['a', 'b', 'c'].filter((id) => cache.has(id)).join('')
  put('a')
  put('b')
  put('a', { rev: 2 })
  put('c')
  t.equal(kept(), 'ac')
  t.equal(cache.get('a')?.state.rev, 2)
  put('a', { status: 'completed' })
  t.equal(kept(), 'c')
  cache.put(new Map(['x', 'y', 'z'].map((id) => [id, { state: taskState(id), storedDueMs: 1 }])))
  t.strictSame(
    ['c', 'x', 'y', 'z'].filter((id) => cache.has(id)),
    ['y', 'z'],
    'a batch that is larger than all of it',
  )
})

function emission() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { promise, done: resolve, fail: (why: string) => reject(new Error(why)) }
}

/** Lets everything run that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

t.test('the watermark is the offset up to which everything is out', async (t) => {
  const window = new EmissionWindow(10, 8)
  const [first, second] = [emission(), emission()]
  await window.add(20, first.promise)
  await window.add(30, second.promise)
  second.done()
  await settle()
  t.equal(window.watermark, 10, 'the first is still out')
  first.done()
  await window.settled()
  t.equal(window.watermark, 30)
})

t.test('so many emissions are under way and no more', async (t) => {
  const window = new EmissionWindow(0, 2)
  const [first, second] = [emission(), emission()]
  await window.add(1, first.promise)
  let added = false
  const adding = window.add(2, second.promise).then(() => {
    added = true
  })
  await settle()
  t.notOk(added)
  first.done()
  await adding
  t.equal(window.watermark, 1)
  second.done()
  await window.settled()
})

t.test('after a failure the watermark stays, and whoever asks is told', async (t) => {
  const window = new EmissionWindow(0, 8)
  const [first, second, third] = [emission(), emission(), emission()]
  await window.add(1, first.promise)
  await window.add(2, second.promise)
  await window.add(3, third.promise)
  first.done()
  second.fail('no space')
  third.done()
  await t.rejects(window.settled(), /no space/)
  t.equal(window.watermark, 1)
  await t.rejects(window.add(4, Promise.resolve()), /no space/)
})

t.test('what waits for room keeps the watermark back', async (t) => {
  let heldFrom: number | undefined
  const window = new EmissionWindow(10, 8, () => heldFrom)
  await window.add(20, Promise.resolve())
  await window.settled()
  t.equal(window.watermark, 20)
  heldFrom = 15
  t.equal(window.watermark, 14)
  await window.add(30, Promise.resolve())
  await window.settled()
  t.equal(window.watermark, 14, 'later ones are out, and still it stays')
  heldFrom = undefined
  t.equal(window.watermark, 30)
})

t.test('the inbox gives what is there, in order, up to a bound', async (t) => {
  const inbox = new EventInbox()
  const event = (seq: number) => ({ subject: '', data: new Uint8Array(), seq, storedAtMs: 0 })
  const waiting = inbox.take(10)
  inbox.push(event(1))
  inbox.push(event(2))
  t.strictSame(
    (await waiting).map(({ seq }) => seq),
    [1, 2],
  )
  for (let seq = 3; seq < 8; seq++) inbox.push(event(seq))
  t.strictSame(
    (await inbox.take(3)).map(({ seq }) => seq),
    [3, 4, 5],
  )
  t.equal(inbox.size, 2)
  inbox.close()
  t.strictSame(await inbox.take(3), [], 'nothing more after the end')
  const empty = new EventInbox()
  const never = empty.take(1)
  empty.close()
  t.strictSame(await never, [])
})

t.test('messages of the log that are no events are told, not thrown', async (t) => {
  const raw = (subject: string, data: string) => ({ subject, data: Buffer.from(data), seq: 7, storedAtMs: 5 })
  const result = JSON.stringify(stepResultExample)
  t.match(decodeEvent(raw('log.3.result', result)), {
    event: { kind: 'result', atMs: 5, seq: 7, body: { attempt: 1 } },
  })
  const faults: [subject: string, data: string, fault: RegExp][] = [
    ['log.x.result', result, /none of the log/],
    ['log.3.gossip', result, /none of the log/],
    ['log.3.result', '{', /not JSON/],
    ['log.3.result', 'null', /result: /],
    ['log.3.result', result.replace('"attempt":1', '"attempt":0'), /attempt/],
    ['log.3.result', result.replace('"stepId":"count"', '"stepId":"a.*"'), /stepId/],
    ['log.3.result', result.replace('"done"', '"maybe"'), /outcome/],
    ['log.3.control', '{"v":1,"taskId":"a","action":"explode"}', /action/],
    ['log.3.timer', '{"v":1,"taskId":"a"}', /dueMs/],
  ]
  for (const [subject, data, fault] of faults)
    t.match(decodeEvent(raw(subject, data)), { fault }, data.slice(0, 60))
})
