import fc from 'fast-check'
import t from 'tap'
import { stepResultExample } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { assignPartitions } from '../../services/orchestrator/partition/assign-partitions.ts'
import { decodeEvent } from '../../services/orchestrator/partition/decode-event.ts'
import { EmissionWindow } from '../../services/orchestrator/partition/emission-window.ts'
import { EventInbox } from '../../services/orchestrator/partition/event-inbox.ts'
import { shallowMembers } from '../../services/orchestrator/partition/shallow-json.ts'
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
    ['log.3.gossip', 'noise', /none of the log/],
    ['log.3.result', '{', /not JSON/],
    ['log.3.result', 'null', /result: /],
    ['log.3.result', result.replace('"attempt":1', '"attempt":0'), /attempt/],
    ['log.3.result', result.replace('"stepId":"count"', '"stepId":"a.*"'), /stepId/],
    ['log.3.accepted', `{"v":1,"taskId":"a","input":${'['.repeat(5000)}`, /accepted: the message is nested/],
    ['log.3.control', '{"v":1,"taskId":"a","action":"explode"}', /action/],
    ['log.3.timer', '{"v":1,"taskId":"a"}', /dueMs/],
  ]
  for (const [subject, data, fault] of faults)
    t.match(decodeEvent(raw(subject, data)), { fault }, data.slice(0, 60))
})

t.test(
  'a result that is none, of an attempt that can be named, is the failure of that attempt',
  async (t) => {
    const raw = (data: string | Uint8Array) => ({
      subject: 'log.3.result.word-count',
      data: Buffer.from(data),
      seq: 7,
      storedAtMs: 5,
    })
    const result = JSON.stringify(stepResultExample)
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`
    const outputOf = (output: string) => result.replace('{"words":7}', output)
    const bad: [what: string, data: string | Uint8Array, why: RegExp][] = [
      ['an outcome that is none', result.replace('"done"', '"maybe"'), /outcome/],
      ['a later version', result.replace('"v":1', '"v":2'), /v /],
      ['5,000 levels', outputOf(deep), /nested/],
      ['65 levels of output', outputOf(`${'['.repeat(65)}${']'.repeat(65)}`), /nested/],
      ['too large', outputOf(`"${'x'.repeat(300_000)}"`), /300\d{3} bytes, at most 262144/],
      ['cut off', result.slice(0, -20), /not JSON/],
      ['no UTF-8', Buffer.concat([Buffer.from(result), Buffer.from([0xff])]), /UTF-8/],
      ['no output', result.replace(',"output":{"words":7}', ''), /outcome/],
    ]
    for (const [what, data, why] of bad) {
      const decoded = decodeEvent(raw(data))
      t.match(
        decoded,
        {
          event: {
            kind: 'result',
            agent: 'word-count',
            seq: 7,
            body: {
              taskId: 'kq3v9x',
              stepId: 'count',
              attempt: 1,
              instance: 'word-count-4f1a',
              outcome: { kind: 'fail', error: { code: 'INVALID_OUTCOME', message: why } },
            },
          },
          fault: why,
        },
        what,
      )
    }
    const fine = decodeEvent(raw(outputOf(`${'['.repeat(64)}${']'.repeat(64)}`)))
    t.match(fine, { event: { body: { outcome: { kind: 'done' } } }, fault: undefined }, '64 levels are read')
    t.match(decodeEvent(raw('{"v":1,"taskId":"a"')), { fault: /not JSON/, agent: 'word-count' })
  },
)

t.test(
  'an event of the platform of a later version, or of a kind that is not known, is not passed over',
  async (t) => {
    const raw = (subject: string, data: string) => ({
      subject,
      data: Buffer.from(data),
      seq: 7,
      storedAtMs: 5,
    })
    for (const kind of ['accepted', 'control', 'timer', 'started', 'released', 'gossip'])
      t.match(decodeEvent(raw(`log.3.${kind}`, '{"v":2,"taskId":"a","more":{}}')), {
        later: new RegExp(`"${kind}" of version 2`),
      })
    t.match(decodeEvent(raw('log.3.gossip', '{"v":1,"taskId":"a"}')), { later: /gossip/ })
    for (const [subject, data] of [
      ['log.3.gossip', 'noise'],
      ['log.3.gossip', '{"v":"2","taskId":"a"}'],
      ['log.3.gossip', '{"v":2}'],
      ['log.3.control', '{"v":1,"taskId":"a","action":"explode"}'],
      ['log.3.control', '{"v":1.5,"taskId":"a"}'],
      ['other.3.gossip', '{"v":2,"taskId":"a"}'],
    ] as const)
      t.match(decodeEvent(raw(subject, data)), { fault: /./, later: undefined }, `${subject} ${data}`)
  },
)

t.test('names are found in any bytes, and only those that stand directly in the object', async (t) => {
  const found = (text: string) => Object.fromEntries(shallowMembers(Buffer.from(text)))
  t.strictSame(found('{"a":"x","b":{"a":"y","c":1},"d":[{"e":2}],"f":-1.5e3,"g":true,"h":"\\"}"}'), {
    a: 'x',
    f: -1500,
    h: '"}',
  })
  t.strictSame(found('{"a" : "x" , "b":["y","z"],"c":null,"taskId":"t"'), { a: 'x', taskId: 't' })
  t.strictSame(found(''), {})
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const direct = Object.entries(object).filter(
        ([key, value]) =>
          key.length < 80 && ((typeof value === 'string' && value.length < 80) || typeof value === 'number'),
      )
      const members = shallowMembers(Buffer.from(JSON.stringify(object)))
      return direct.every(([key, value]) => Object.is(members.get(key), JSON.parse(JSON.stringify(value))))
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => shallowMembers(bytes).size >= 0))
})

t.test('what a member refuses goes to those who do not, and to nobody when all do', async (t) => {
  const refusals = new Map([['a', new Set([0, 1])]])
  const shares = ['a', 'b', 'c'].map((name) => assignPartitions(['a', 'b', 'c'], name, 6, refusals))
  t.strictSame(
    shares.map((share) => [...share]),
    [[3], [0, 1, 4], [2, 5]],
  )
  t.strictSame(assignPartitions(['a'], 'a', 3, refusals), new Set([2]))
})
