import t from 'tap'
import { taskAcceptedExample } from '#schemas/log-event.ts'
import { stepResultExample } from '#schemas/step-message.ts'
import { decodeEvent } from '../../../services/orchestrator/partition/decode-event.ts'

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
    const laters = { accepted: 3, control: 3, timer: 2, started: 2, released: 2, gossip: 1 }
    for (const [kind, version] of Object.entries(laters)) {
      const later = new RegExp(`"${kind}" of version ${version}`)
      t.match(decodeEvent(raw(`log.3.${kind}`, `{"v":${version},"taskId":"a","more":{}}`)), { later })
      const earlier = decodeEvent(raw(`log.3.${kind}`, `{"v":${version - 1},"taskId":"a","more":{}}`))
      if (kind !== 'gossip') t.match(earlier, { fault: /./, later: undefined }, `${kind} is known before`)
    }
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

t.test('a mark says that the log before it may be gone, and nothing of tasks', async (t) => {
  const read = (data: string, refused?: string) =>
    decodeEvent({
      ...{ subject: 'log.3.horizon', data: Buffer.from(data), seq: 7, storedAtMs: 5 },
      ...(refused !== undefined && { refused }),
    })
  t.strictSame(read('{"v":1,"taskId":"horizon","horizon":7}'), { isMark: true })
  t.match(read('{"v":2,"taskId":"horizon","horizon":7}'), { later: /"horizon" of version 2/ })
  t.match(read('{"v":1,"taskId":"a","horizon":7}'), { fault: /none that is known/ })
  t.match(read('{"v":1}'), { fault: /./ })
  t.match(read('noise'), { fault: /./ })
  t.match(read('{"v":1,"taskId":"horizon","horizon":7}', 'nobody has sealed it'), { fault: /sealed/ })
})

t.test('controls and tasks of version 2 are events', async (t) => {
  const read = (kind: string, body: unknown) =>
    decodeEvent({ subject: `log.3.${kind}`, data: Buffer.from(JSON.stringify(body)), seq: 7, storedAtMs: 5 })
  const about = { v: 2, taskId: 'a' }
  const controls = [
    { ...about, action: 'pause', reason: 'lunch' },
    { ...about, action: 'resume' },
    { ...about, action: 'signal', name: 'paid', id: 's-1', payload: { n: 1 } },
    { ...about, action: 'approval', stepId: 'ask', attempt: 1, decision: 'approved', by: 'kim' },
  ]
  for (const body of controls) {
    t.strictSame((read('control', body) as { event?: { body: unknown } }).event?.body, body, body.action)
    t.match(read('control', { ...body, v: 1 }), { fault: /v/, event: undefined }, `${body.action} is no v 1`)
  }
  t.match(read('control', { ...about, action: 'cancel' }), { fault: /v/, event: undefined })
  t.match(read('control', { ...about, v: 1, action: 'cancel' }), { event: { body: { v: 1 } } })
  t.match(read('control', { ...about, action: 'explode' }), { fault: /action/, event: undefined })
  const plan = { steps: [{ id: 'nap', sleep: { ms: 5 } }] }
  t.match(read('accepted', { ...taskAcceptedExample, v: 2, plan, results: { nap: null }, retryOf: 'b' }), {
    event: { body: { v: 2, plan, results: { nap: null }, retryOf: 'b' } },
  })
})
