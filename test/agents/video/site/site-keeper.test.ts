import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { type SiteHeartbeat, siteHeartbeatSchema } from '#schemas/site.ts'
import { SITE_STREAMS, TO_CENTRE_CONSUMER } from '#subjects/site-streams.ts'
import { FRAMES_STREAM, framesConsumer } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { SiteKeeper } from '../../../../services/agents/video/site/site-keeper.ts'
import { siteStateKeeping } from '../../../../services/agents/video/tracking/monitor/site-state.ts'
import { openBus, openNats } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const metrics = createMetrics({ parts: ['site'] })
const begun: number[] = []
const keeper = new SiteKeeper({
  ...{ site: 'yard', instance: 'keeper-1', bus, clock: systemClock, log: silentLog, metrics },
  forwarder: { start: (seq) => void begun.push(seq), stop: async () => {}, lost: 2 },
})
const beats: SiteHeartbeat[] = []
t.teardown(
  bus.subscribe(SUBJECTS.siteHeartbeat('yard'), ({ data }) =>
    beats.push(siteHeartbeatSchema.parse(JSON.parse(Buffer.from(data).toString()))),
  ),
)
await keeper.start()
t.teardown(() => keeper.stop())

t.test('it makes the streams of the site and sends on from where it was', async (t) => {
  for (const { name, maxBytes, maxAgeMs } of Object.values(SITE_STREAMS)) {
    const { config } = await jsm.streams.info(name)
    t.match(config, { max_bytes: maxBytes, max_age: maxAgeMs * 1e6, storage: 'file', discard: 'old' }, name)
  }
  t.strictSame(begun, [0])
})

t.test('detectors get the queue of frames from it, and nobody another one', async (t) => {
  await bus.provideQueue({ queue: 'frames' })
  t.equal((await jsm.consumers.info(FRAMES_STREAM.name, framesConsumer().name)).config.ack_policy, 'none')
  await t.rejects(bus.provideQueue({ queue: 'camera-events' }), {
    code: 'INVALID_REQUEST',
    message: 'site yard has no other queue than that of frames',
  })
})

t.test('every second it says how much the centre does not have yet, and since when', async (t) => {
  await until('a heartbeat', () => beats.length > 0)
  t.match(beats[0], { site: 'yard', instance: 'keeper-1', waiting: 0, lost: 2 })
  for (const id of ['1', '2'])
    await bus.publisher.publish(SUBJECTS.cameraEvents('default', 'a'), id, { msgId: id })
  await until('it says so', () => beats.at(-1)?.waiting === 2)
  const { stream, name } = TO_CENTRE_CONSUMER
  const first = await bus.streams.placeFrom(stream, 1)
  t.equal(beats.at(-1)?.oldestAtMs, first?.storedAtMs)
  await jsm.consumers.delete(stream, name)
  await until('a queue that is gone holds nothing', () => beats.at(-1)?.waiting === 0)
})

t.test('what a tracker knows is kept in the JetStream of the site, the last state of each', async (t) => {
  const states = siteStateKeeping(bus)
  t.equal(await states.get('camera:{m1}:state'), null)
  await states.setFor('camera:{m1}:state', '{"n":1}', 1000)
  await states.setFor('camera:{m1}:state', '{"n":2}', 1000)
  await states.setFor('camera:{m2}:state', '{"n":3}', 1000)
  t.equal(await states.get('camera:{m1}:state'), '{"n":2}')
  t.equal((await jsm.streams.info(SITE_STREAMS.state.name)).state.messages, 2)
})
