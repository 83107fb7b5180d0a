import t from 'tap'
import { type DetectorHeartbeat, detectorHeartbeatSchema } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { DetectorHealth } from '../../../../services/agents/video/detection/detector-health.ts'
import { createManualClock } from '../../../../services/platform/clock/manual-clock.ts'
import { openBus } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'

t.test('how long the network has worked on what it has in hand, and when it last answered', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const beats: DetectorHeartbeat[] = []
  bus.subscribe(SUBJECTS.detectorHeartbeatAll, ({ data }) => {
    beats.push(detectorHeartbeatSchema.parse(JSON.parse(Buffer.from(data).toString())))
  })
  await bus.flush()
  const clock = createManualClock()
  let models: string[] = []
  const about = () => ({ models, provider: models.length === 0 ? 'none' : 'cpu' })
  const health = new DetectorHealth({ bus, clock, instance: 'detection-1', about })
  health.start()
  t.teardown(() => health.stop())
  await until('the first', () => beats.length === 1)
  t.match(beats[0], { instance: 'detection-1', models: [], provider: 'none', busyMs: 0, status: 'ready' })
  t.notOk('answeredAtMs' in beats[0]!)

  models = ['yolox-nano']
  const first = health.begin(2)
  await clock.advance(3000)
  const second = health.begin(1)
  await clock.advance(4000)
  t.equal(health.busyMs(), 7000, 'of the oldest')
  await until('it hangs', () => beats.some(({ busyMs }) => busyMs === 7000))
  second({ isAnswered: true })
  t.equal(health.busyMs(), 7000)
  const answeredAtMs = clock.nowMs()
  first({ isAnswered: false })
  t.equal(health.busyMs(), 0)
  await until('it answers', () => beats.at(-1)?.answeredAtMs === answeredAtMs)
  t.match(beats.at(-1), { models: ['yolox-nano'], provider: 'cpu', busyMs: 0 })
  t.ok(beats.at(-1)!.fps > 0)
  health.stop()
  health.stop()
  await until('it says that it stops', () => beats.at(-1)?.status === 'stopped')
  t.equal(beats.filter(({ status }) => status === 'stopped').length, 1)
})
