import t, { type Test } from 'tap'
import { LogFollower } from '../../../services/platform/nats/log-reader.ts'
import { until } from '../../support/until.ts'

/** Before silence alone would end a consumer. */
const SOON_MS = 2000

type Receive = (error: Error | undefined, message: object) => void

/** A server that sends what the test says: no real one would send a message twice, or leave one out, when it should. */
class FakeServer {
  /** From which number on each consumer was to begin. */
  readonly begun: number[] = []
  receive: Receive = () => undefined
  inbox = ''
  readonly deps = {
    inboxPrefix: '_INBOX',
    connected: () => true,
    nc: {
      info: { max_payload: 1024 ** 2 },
      isClosed: () => false,
      publish: () => undefined,
      subscribe: (inbox: string, { callback }: { callback: Receive }) => {
        this.inbox = inbox
        this.receive = callback
        return { unsubscribe: () => undefined }
      },
    },
    jsm: {
      streams: {
        info: async () => ({ created: 'once', state: { first_seq: 1, last_seq: 9 } }),
        getMessage: async () => null,
      },
      consumers: {
        add: async (_stream: string, { opt_start_seq }: { opt_start_seq: number }) => {
          this.begun.push(opt_start_seq)
          return { name: `c${this.begun.length}`, num_pending: 0 }
        },
        delete: async () => true,
      },
    },
  }

  /** Message `seq` of the stream, as the consumer's message number `consumerSeq`. */
  send(seq: number, consumerSeq: number): void {
    const reply = `$JS.ACK.LOG.c.1.${seq}.${consumerSeq}.1790000000000000000.0`
    this.receive(undefined, { subject: 'log.0.timer', reply, data: new Uint8Array() })
  }

  /** A sign of life that says which message of the consumer was the last. */
  beat(lastConsumerSeq: number): void {
    const get = (name: string) => (name === 'Nats-Last-Consumer' ? String(lastConsumerSeq) : '')
    this.receive(undefined, { subject: this.inbox, headers: { code: 100, description: '', get } })
  }
}

async function reading(t: Pick<Test, 'teardown'>) {
  const server = new FakeServer()
  const read: number[] = []
  const reader = new LogFollower(server.deps as unknown as ConstructorParameters<typeof LogFollower>[0], {
    stream: 'LOG',
    filterSubject: 'log.0.>',
    fromSeq: 5,
    onMessage: ({ seq }) => void read.push(seq),
  })
  t.teardown(() => reader.stop())
  await until('it listens', () => server.inbox !== '')
  return { server, read, reader }
}

t.test('a message that comes twice is handed over once', async (t) => {
  const { server, read } = await reading(t)
  server.send(5, 1)
  server.send(5, 2)
  server.send(4, 3)
  server.send(6, 4)
  t.strictSame(read, [5, 6])
})

t.test('one that is left out is read by another consumer, which begins there', async (t) => {
  const { server, read } = await reading(t)
  server.send(5, 1)
  server.send(8, 3)
  t.strictSame(read, [5], 'what comes behind it waits')
  await until('another consumer was made', () => server.begun.length === 2, SOON_MS)
  t.strictSame(server.begun, [5, 6])
})

t.test('a last one that was sent and did not come is missed by the next sign of life', async (t) => {
  const { server } = await reading(t)
  server.send(5, 1)
  server.beat(1)
  t.strictSame(server.begun, [5], 'all is there')
  server.beat(2)
  await until('another consumer was made', () => server.begun.length === 2, SOON_MS)
  t.strictSame(server.begun, [5, 6])
})

t.test('each connection has a consumer of its own', async (t) => {
  const { server, reader } = await reading(t)
  server.send(5, 1)
  reader.onConnection()
  await until('another consumer was made', () => server.begun.length === 2, SOON_MS)
  t.strictSame(server.begun, [5, 6])
})

t.test('nothing is handed over after the end', async (t) => {
  const { server, read, reader } = await reading(t)
  server.send(5, 1)
  await reader.stop()
  server.send(6, 2)
  t.strictSame(read, [5])
})
