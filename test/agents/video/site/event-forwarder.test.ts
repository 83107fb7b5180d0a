import t from 'tap'
import { silentLog } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { CENTRE } from '#subjects/site-permissions.ts'
import { SITE_STREAMS, TO_CENTRE_CONSUMER } from '#subjects/site-streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { EventForwarder } from '../../../../services/agents/video/site/event-forwarder.ts'
import { openBus, openNats } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const { stream, name } = TO_CENTRE_CONSUMER

/** Both streams anew, and events of these cameras in that of the site. */
async function begin(cameras: readonly string[], { hasCentre = true } = {}): Promise<void> {
  for (const one of [stream, 'CENTRE']) await jsm.streams.delete(one).catch(() => undefined)
  await bus.streams.provide(SITE_STREAMS.events)
  await bus.consumers.provision(TO_CENTRE_CONSUMER)
  if (hasCentre) await addCentre()
  for (const [i, camera] of cameras.entries()) await happen(camera, i)
}
const addCentre = (about: object = {}) =>
  jsm.streams.add({ name: 'CENTRE', subjects: [CENTRE.cameraEventsAll], ...about })
const happen = (camera: string, n: number, size = 1) =>
  bus.publisher.publish(SUBJECTS.cameraEvents('default', camera), `${n}`.padEnd(size, ' '), {
    msgId: MESSAGE_IDS.cameraEvent(`e${n}`),
    headers: { traceparent: `trace-${n}` },
  })
const start = (deliveredSeq = 0) => {
  const metrics = createMetrics({ parts: ['site'] })
  const forwarder = new EventForwarder({ bus, metrics, log: silentLog })
  forwarder.start(deliveredSeq)
  t.teardown(() => forwarder.stop())
  return forwarder
}
const waiting = async () => {
  const depth = await bus.consumers.depth(stream, name)
  return depth!.waiting + depth!.inWork
}
const allSent = () => until('nothing waits', async () => (await waiting()) === 0)
async function inCentre() {
  const { state } = await jsm.streams.info('CENTRE')
  const messages = Array.from({ length: state.messages }, (_, i) =>
    jsm.streams.getMessage('CENTRE', { seq: i + 1 }),
  )
  return (await Promise.all(messages)).map((message) => ({
    subject: message!.subject,
    n: Number(message!.string()),
    id: message!.header.get('Nats-Msg-Id'),
    trace: message!.header.get('traceparent'),
  }))
}

t.test('events go to the centre in the order of their camera, under their ids', async (t) => {
  await begin(['a', 'b', 'a', 'a', 'b'])
  const forwarder = start()
  await allSent()
  const sent = await inCentre()
  const of = (camera: string) =>
    sent.filter(({ subject }) => subject.endsWith(`.${camera}`)).map(({ n }) => n)
  t.strictSame(of('a'), [0, 2, 3])
  t.strictSame(of('b'), [1, 4])
  t.strictSame(
    sent.map(({ id }) => id).toSorted(),
    [0, 1, 2, 3, 4].map((n) => `event:e${n}`),
  )
  t.match(sent[0], { subject: /^centre\.cameras\.events\.default\./, trace: /^trace-/ })
  t.equal(forwarder.lost, 0)
  await forwarder.stop()
})

t.test('while nobody takes them they stay, and go once when somebody does', async (t) => {
  await begin(['a', 'a', 'b'], { hasCentre: false })
  const forwarder = start()
  await until('they are in hand', async () => (await bus.consumers.depth(stream, name))?.inWork === 3)
  await happen('b', 3)
  t.equal(await waiting(), 4)
  await addCentre()
  await allSent()
  t.strictSame((await inCentre()).map(({ n }) => n).toSorted(), [0, 1, 2, 3])
  await forwarder.stop()
})

t.test('one that stops leaves what it has in hand to the next, and nothing is stored twice', async (t) => {
  await begin(['a', 'a'], { hasCentre: false })
  const first = start()
  await until('they are in hand', async () => (await bus.consumers.depth(stream, name))?.inWork === 2)
  await first.stop()
  await addCentre()
  // What was on its way goes on; what comes again has the same id.
  await bus.consumers.provision({ ...TO_CENTRE_CONSUMER, ackWaitMs: 1000 })
  const second = start(2)
  await until('both are there', async () => (await inCentre()).length === 2)
  t.strictSame((await inCentre()).map(({ n }) => n).toSorted(), [0, 1])
  t.equal(second.lost, 0, 'what came again is no gap')
  await second.stop()
})

t.test('what went over the limits of the site is counted', async (t) => {
  await begin(['a', 'a', 'a', 'a'])
  await jsm.streams.purge(stream, { seq: 4 })
  const forwarder = start()
  await allSent()
  t.equal(forwarder.lost, 3)
  t.strictSame(
    (await inCentre()).map(({ n }) => n),
    [3],
  )
  await forwarder.stop()
})

t.test('an event that the centre never takes does not hold up those behind it', async (t) => {
  await begin([], { hasCentre: false })
  await addCentre({ max_msg_size: 200 })
  await happen('a', 1, 4000)
  await happen('a', 2)
  const forwarder = start()
  await allSent()
  t.strictSame(
    (await inCentre()).map(({ n }) => n),
    [2],
  )
  t.equal(forwarder.lost, 1)
  await forwarder.stop()
})
