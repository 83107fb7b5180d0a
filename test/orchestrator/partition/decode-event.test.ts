import t from 'tap'
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
