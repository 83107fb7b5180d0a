import t from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import { stepChunksExample } from '#schemas/step-chunks.ts'
import { ChunkHub } from '../../../services/edge/gateway/chunk-hub.ts'

type Handler = Parameters<Bus['subscribe']>[1]

function open() {
  const subscribed = new Map<string, Handler>()
  const requests: { subject: string; answer: (value: unknown) => void; fail: (error: Error) => void }[] = []
  const bus = {
    subscribe(subject: string, handler: Handler) {
      if (subscribed.has(subject)) throw new Error(`${subject} is heard already`)
      subscribed.set(subject, handler)
      return () => void subscribed.delete(subject)
    },
    requestBytes(subject: string) {
      return new Promise((resolve, fail) => {
        const answer = (value: unknown) => resolve(new TextEncoder().encode(JSON.stringify(value)))
        requests.push({ subject, answer, fail })
      })
    },
  } as unknown as Bus
  const hub = new ChunkHub(bus)
  const publish = (subject: string, about: object = {}) => {
    const data = new TextEncoder().encode(JSON.stringify({ ...stepChunksExample, taskId: 'a', ...about }))
    for (const handler of subscribed.values()) handler({ subject, data } as Parameters<Handler>[0])
  }
  return { hub, subscribed, requests, publish }
}

t.test(
  'a task that is watched costs one subscription, however many watch it; others cost none',
  async (t) => {
    const { hub, subscribed, publish } = open()
    const heard: string[] = []
    const ends = ['first', 'second'].map((name) =>
      hub.of('north', 'a').onChunks(({ from }, { agent }) => heard.push(`${name} ${agent} ${from}`)),
    )
    t.strictSame([...subscribed.keys()], ['chunks.north.*.a.*'])
    publish('chunks.north.writer.a.write')
    publish('chunks.north.writer.b.write')
    publish('chunks.north.writer.a.other')
    t.strictSame(
      heard,
      ['first writer 3', 'second writer 3'],
      'and what says something else than its subject is none',
    )
    ends[0]?.()
    t.equal(hub.size, 1)
    ends[1]?.()
    t.strictSame([hub.size, subscribed.size], [0, 0])
  },
)

t.test('what is nested too deep or too large to be told on is passed over', async (t) => {
  const { hub, publish } = open()
  const heard: number[] = []
  hub.of('north', 'a').onChunks(({ from }) => heard.push(from))
  const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
  publish('chunks.north.writer.a.write', { from: 1, chunks: [nested(16)] })
  publish('chunks.north.writer.a.write', { from: 2, chunks: [nested(40)] })
  publish('chunks.north.writer.a.write', { from: 3, chunks: ['x'.repeat(400_000)] })
  t.strictSame(heard, [1])
})

t.test('those who come late at the same time share a question', async (t) => {
  const { hub, requests } = open()
  const step = { agent: 'writer', stepId: 'write', attempt: 1 }
  const answers = [hub.of('north', 'a').replay(step), hub.of('north', 'a').replay(step)]
  t.strictSame(
    requests.map(({ subject }) => subject),
    ['chunk-replay.north.writer.a.write.1'],
  )
  const parts = [{ ...stepChunksExample, taskId: 'a' }, stepChunksExample]
  requests[0]?.answer({ parts })
  for (const answer of answers) t.strictSame(await answer, [parts[0]], 'and get what is about their task')
  const none = hub.of('north', 'a').replay(step)
  requests[1]?.fail(new Error('nobody answers'))
  t.strictSame(await none, [])
  const odd = hub.of('north', 'a').replay(step)
  requests[2]?.answer({ parts: 'none' })
  t.strictSame(await odd, [])
})
