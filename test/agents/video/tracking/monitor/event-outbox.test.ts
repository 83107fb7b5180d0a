import t from 'tap'
import type { Publisher } from '#platform/nats/publisher.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { createEventOutbox } from '../../../../../services/agents/video/tracking/monitor/event-outbox.ts'

const event = (id: string) => ({ ...cameraEventExample, id })

t.test('an event is pending from when it is added until it is stored', async (t) => {
  const stored = Promise.withResolvers<void>()
  const published: [subject: string, msgId: string | undefined][] = []
  const publisher = {
    publish(subject: string, _data: string, options?: { msgId?: string }) {
      published.push([subject, options?.msgId])
      return stored.promise
    },
  } as unknown as Publisher
  const outbox = createEventOutbox({ publisher }, () => t.fail('nothing is refused'))
  outbox.add([event('a'), event('b')])
  t.strictSame(published, [], 'added is not sent')
  outbox.send([event('a')])
  t.equal(published.length, 1)
  t.match(published[0], ['cameras.events.default.yard', /a$/])
  t.strictSame(
    outbox.pending.map(({ id }) => id),
    ['a', 'b'],
  )
  stored.resolve()
  await outbox.settled()
  t.strictSame(
    outbox.pending.map(({ id }) => id),
    ['b'],
  )
})

t.test('an event that the stream refuses is reported and stays pending', async (t) => {
  const publisher = { publish: () => Promise.reject(new Error('refused')) } as unknown as Publisher
  const lost: string[] = []
  const outbox = createEventOutbox({ publisher }, ({ id }, error) =>
    lost.push(`${id}: ${(error as Error).message}`),
  )
  outbox.add([event('a')])
  outbox.send(outbox.pending)
  await outbox.settled()
  t.strictSame(lost, ['a: refused'])
  t.equal(outbox.pending.length, 1)
})
