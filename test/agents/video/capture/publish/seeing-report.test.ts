import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import { detectorInfoExample, type ModelAnswer } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { createCameraReporter } from '../../../../../services/agents/video/capture/publish/camera-state.ts'
import { createSeeingReport } from '../../../../../services/agents/video/capture/publish/seeing-report.ts'
import { createSeeingWatch } from '../../../../../services/agents/video/capture/publish/seeing-watch.ts'
import { openBus } from '../../../../support/bus.ts'
import { quietLog } from '../../../../support/owner-fixture.ts'
import { withServers } from '../../../../support/servers.ts'
import { until } from '../../../../support/until.ts'

const servers = await withServers(t)
const [bus, other] = await Promise.all([openBus(t, servers.natsUrl), openBus(t, servers.natsUrl)])
await bus.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })

/** A camera of which every frame is sent, by a clock that the test turns. */
async function cameraOf(name: string, { isComplete = false } = {}) {
  const clock = createManualClock()
  const about = { tenant: 'default', monitor: `m-${name}`, camera: name }
  const told: string[] = []
  const events: CameraEvent[] = []
  t.teardown(
    other.subscribe(SUBJECTS.cameraEvents('default', name), ({ data }) => {
      const event = cameraEventSchema.parse(JSON.parse(Buffer.from(data).toString()))
      events.push(event)
      told.push(`${event.state?.phase} ${event.rule.kind}`)
    }),
  )
  await other.flush()
  const reporter = createCameraReporter(bus, clock, { ...about, epoch: 1 })
  reporter.model = 'yolox-nano'
  const seeing = createSeeingWatch(clock)
  const report = createSeeingReport({
    ...{ bus, clock, log: quietLog, reporter, seeing, about, rules: [], modelNeeded: 'scene' },
    outlet: { isOpen: true },
    isComplete: () => isComplete,
  })
  const pass = async (ms: number, answer?: { ageMs: number }) => {
    for (let passed = 0; passed < ms; passed += 100) {
      seeing.sent()
      if (answer) seeing.returned(answer.ageMs)
      report.tick(true)
      await clock.advance(100)
    }
  }
  return { reporter, report, seeing, told, events, pass }
}

t.test(
  'nothing comes back: blind, with who is in the way, told once, and over with the first answer',
  async (t) => {
    const { reporter, told, events, pass } = await cameraOf('yard')
    await pass(2000, { ageMs: 200 })
    t.equal(reporter.status, 'live')
    await until('what was told before is over', () => told.length === 2)
    await pass(5200)
    t.equal(reporter.status, 'blind')
    t.match(reporter.reason, 'nothing that was seen comes back', 'somebody is being asked')
    await until('why is known', async () => {
      await pass(100)
      return /no detector of yolox-nano answers/.test(reporter.reason ?? '')
    })
    await until('it is told', () => told.length === 3)
    t.match(events[2], {
      rule: { kind: 'camera-blind' },
      state: { phase: 'begin' },
      message: /yolox-nano answers/,
    })
    const answer: ModelAnswer = {
      ...{ model: 'yolox-nano', state: 'ready' },
      info: { ...detectorInfoExample, instance: 'd1', busyMs: 9000 },
    }
    const end = other.serveSubject(SUBJECTS.detectionModel('yolox-nano'), () => answer, {
      queue: 'detectors',
    })
    t.teardown(end)
    await other.flush()
    await until('it is asked again', async () => {
      await pass(1000)
      return /network of detector d1/.test(reporter.reason ?? '')
    })
    await pass(100, { ageMs: 200 })
    t.equal(reporter.status, 'live')
    await until('it is over', () => told.length === 4)
    t.strictSame(told.slice(2), ['begin camera-blind', 'end camera-blind'])
  },
)

t.test('a detector that hangs from the beginning: blind, and never said to see', async (t) => {
  const { reporter, told, pass } = await cameraOf('attic')
  await pass(5200)
  t.equal(reporter.status, 'blind')
  await until('it is told', async () => {
    await pass(100)
    return told.includes('begin camera-blind')
  })
  t.notOk(told.includes('end camera-blind'), told.join())
  await pass(100, { ageMs: 200 })
  await until('it is over', () => told.includes('end camera-blind'))
})

t.test('answers about old pictures: lagging, and its words change once a second at most', async (t) => {
  const { reporter, told, pass } = await cameraOf('gate')
  await pass(1500, { ageMs: 200 })
  const words = new Set<string | undefined>()
  for (let i = 0; i < 60; i++) {
    await pass(100, { ageMs: 4000 + 100 * i })
    if (reporter.status === 'lagging') words.add(reporter.reason)
  }
  t.equal(reporter.status, 'lagging')
  t.ok(words.size >= 2 && words.size <= 5, `${words.size} reasons in four seconds`)
  await pass(7000, { ageMs: 200 })
  t.equal(reporter.status, 'live')
  await until('both are told', () => told.length === 4)
  t.strictSame(told.slice(2), ['begin camera-lagging', 'end camera-lagging'])
})

t.test('an outage owes no answers, and a recording that loses no frame raises nothing', async (t) => {
  const { reporter, report, pass, told } = await cameraOf('road', { isComplete: true })
  await pass(4900)
  report.tick(false)
  await pass(300)
  t.equal(reporter.status, 'live')
  await pass(9000)
  t.equal(reporter.status, 'blind')
  await bus.flush()
  await other.flush()
  t.strictSame(told, [])
})
