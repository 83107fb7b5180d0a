import t, { type Test } from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { RecordingPeers } from '../../../../../services/agents/video/recordings/service/recording-peers.ts'

/** Peers of a node, with what others say and answer under the test's hand. */
function peersOf(t: Test, about: { store?: string; answers?: Record<string, unknown> } = {}) {
  const { store = 'own', answers = {} } = about
  const told: [subject: string, body: unknown][] = []
  const asked: string[] = []
  let hear: ((message: { data: Uint8Array }) => void) | undefined
  const time = { nowMs: 0 }
  const bus = {
    subscribe(subject: string, onMessage: typeof hear) {
      t.equal(subject, SUBJECTS.recordingStoresAll)
      hear = onMessage
      return () => {
        hear = undefined
      }
    },
    publishCore: (subject: string, body: string) => told.push([subject, JSON.parse(body)]),
    async request(subject: string) {
      asked.push(subject)
      if (!(subject in answers)) throw new Error('nobody answers')
      return answers[subject]
    },
  }
  const clock = { monotonicMs: () => time.nowMs }
  const peers = new RecordingPeers(bus as unknown as Bus, clock as never, () => store)
  peers.start()
  t.teardown(() => peers.stop())
  const say = (text: string) => hear?.({ data: Buffer.from(text) })
  return { peers, told, asked, time, say, isHearing: () => hear !== undefined }
}
const heartbeat = (store: string) => JSON.stringify({ store })

t.test('a node says at once that it is there; one without a store says nothing', async (t) => {
  t.strictSame(peersOf(t).told, [[SUBJECTS.recordingStore('own'), { store: 'own' }]])
  t.strictSame(peersOf(t, { store: '' }).told, [])
})

t.test('the others are those that were heard of within seven seconds, never the node itself', async (t) => {
  const { peers, say, time } = peersOf(t)
  for (const store of ['b', 'own', 'a']) say(heartbeat(store))
  t.strictSame(peers.stores, ['a', 'b'])
  time.nowMs = 5000
  say(heartbeat('b'))
  time.nowMs = 7000
  t.strictSame(peers.stores, ['a', 'b'])
  time.nowMs = 7001
  t.strictSame(peers.stores, ['b'])
  say(heartbeat('a'))
  t.strictSame(peers.stores, ['a', 'b'], 'back again')
})

t.test('what is no heartbeat makes no peer', async (t) => {
  const { peers, say } = peersOf(t)
  for (const text of ['', 'null', '{}', '{"store":7}', heartbeat('a.*'), heartbeat('s'.repeat(65))]) say(text)
  t.strictSame(peers.stores, [])
})

t.test('all are asked, and those that do not answer are named', async (t) => {
  const answers = {
    [SUBJECTS.recordingAsk('a', 'list')]: ['of a'],
    [SUBJECTS.recordingAsk('c', 'list')]: null,
  }
  const { peers, say, asked } = peersOf(t, { answers })
  for (const store of ['d', 'c', 'b', 'a']) say(heartbeat(store))
  const found = await peers.askAll('list', {})
  t.strictSame(found.missing, ['b', 'd'])
  t.strictSame(found.answers, [['of a'], null], 'as they are, in the order of their stores')
  t.equal(asked.length, 4)
})

t.test('after its end it hears nothing more', async (t) => {
  const { peers, isHearing } = peersOf(t)
  peers.stop()
  t.notOk(isHearing())
})

t.test(
  'who is heard of for the first time is told at once that this one is there, and nobody else',
  async (t) => {
    const { told, say, time } = peersOf(t)
    t.equal(told.length, 1)
    say(heartbeat('own'))
    t.equal(told.length, 1, 'it hears itself')
    say(heartbeat('a'))
    t.strictSame(told.at(-1), [SUBJECTS.recordingStore('own'), { store: 'own' }])
    t.equal(told.length, 2)
    say(heartbeat('a'))
    time.nowMs = 5000
    say(heartbeat('a'))
    t.equal(told.length, 2, 'known already')
  },
)
