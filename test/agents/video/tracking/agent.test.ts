import t from 'tap'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { Publisher } from '#platform/nats/publisher.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { planExample } from '#schemas/plan.ts'
import { createTestContext } from '#sdk/testing.ts'
import { SERVICES } from '#subjects/operations.ts'
import { createTrackingAgent } from '../../../../services/agents/video/tracking/agent.ts'
import { checkpointKey } from '../../../../services/agents/video/tracking/monitor/checkpoint-store.ts'
import type { TrackingDeps } from '../../../../services/agents/video/tracking/monitor/track-camera.ts'
import { openBus } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { runTracker, simulateCamera, storedEvents, summaryOf, trackingInput } from './camera-fixture.ts'
import { person, START_MS } from './tracking-fixtures.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())
await waitForRedis(redis, 5000)

const run = (camera: string, deps: Partial<TrackingDeps> = {}) =>
  runTracker(t, bus, camera, { redis, ...deps })
const stored = (camera: string) => storedEvents(bus, camera)
const storedAre = (camera: string, count: number) =>
  until(`${count} events of ${camera}`, async () => (await stored(camera)).length === count)
const keptOf = async (camera: string) => JSON.parse((await redis.get(checkpointKey(camera))) ?? '{}')
const intruder = [person([0.5, 0.5])]

t.test('frames in, tracks and events out, and a summary', async (t) => {
  const running = await run('whole')
  const { send, show, arrived, end, heard } = simulateCamera(t, bus, 'whole')
  show(1, 30, [person([0.5, 0.5]), person([0.1, 0.9])])
  send(32, intruder)
  send(31, intruder)
  send(32, intruder)
  send(34, intruder)
  show(35, 40, intruder, { monitor: 'other' })
  show(1, 3, intruder, { epoch: 0 })
  await arrived(32)
  await storedAre('whole', 2)
  end({ decoded: 41, droppedAtCapture: 4 })
  const summary = await summaryOf(running)
  t.match(summary, {
    camera: 'whole',
    // 37 were sent, 34 the last that came: 33, 35, 36 and 37 are missing.
    frames: { analysed: 32, late: 1, droppedAtDetection: 4 },
    detections: 62,
    tracks: { person: 2, vehicle: 0 },
    peak: { persons: 2, vehicles: 0 },
    events: { intrusion: 1, loitering: 1 },
    model: 'test',
  })
  t.ok(summary.mean.persons > 1.7 && summary.mean.persons <= 2, String(summary.mean.persons))
  t.ok(summary.latencyMs.p50 > 0 && summary.latencyMs.p50 <= summary.latencyMs.max)

  t.equal(heard.length, 32)
  const tenth = heard[9]!
  t.match(tenth, { seq: 10, epoch: 1, persons: 2, vehicles: 0, frames: 10 })
  t.strictSame(
    tenth.tracks.map(({ id, zones, predicted }) => ({ id, zones, predicted })),
    [
      { id: 1, zones: ['yard'], predicted: false },
      { id: 2, zones: [], predicted: false },
    ],
  )
  const [intrusion, loitering] = await stored('whole')
  t.match(intrusion, {
    id: `whole:intrusion:track-1:${START_MS + 100}`,
    tenant: 'acme',
    message: 'Person entered yard',
    atMs: START_MS + 100,
    mediaMs: 100,
    frame: { epoch: 1, seq: 3 },
    objects: [{ id: 1, class: 'person' }],
    zone: { id: 'yard' },
  })
  t.match(loitering, { message: 'Person stays in yard for 2 s', atMs: START_MS + 2100, mediaMs: 2100 })
  t.match(running.progressed[0]?.note, /^\d persons?, 0 vehicles · \d alerts?$/)
  t.ok(running.progressed.length <= 3, 'once a second at most')
})

t.test('a later epoch goes on with the same tracks, and its end is the one that counts', async (t) => {
  const running = await run('epochs')
  const { send, show, arrived, end, heard } = simulateCamera(t, bus, 'epochs')
  show(1, 10, intruder)
  await arrived(10)
  send(11, intruder, { seq: -1 })
  // A clip that begins again: its time goes back.
  for (let seq = 1; seq <= 10; seq++) send(seq, intruder, { epoch: 2, atMs: START_MS + seq * 100 - 900 })
  await arrived(20)
  end({ decoded: 99, droppedAtCapture: 0 }, 1)
  end({ decoded: 10, droppedAtCapture: 0 }, 2)
  const summary = await summaryOf(running)
  t.match(summary, { frames: { analysed: 20, droppedAtDetection: 0 }, tracks: { person: 1 } })
  t.strictSame(
    heard.slice(5).map(({ tracks }) => tracks.map(({ id }) => id)),
    heard.slice(5).map(() => [1]),
  )
  t.equal((await stored('epochs')).filter(({ rule }) => rule.id === 'intrusion').length, 1)
  t.ok(running.logged.some(({ message }) => message === 'a message about a camera could not be read'))
})

t.test('a crash: the next owner goes on with ids, dwell times and what was told', async (t) => {
  const ownBus = await openBus(t, servers.natsUrl)
  const first = await run('crash', { bus: ownBus })
  const { show, arrived, end, heard } = simulateCamera(t, bus, 'crash')
  show(1, 15, intruder)
  await arrived(15)
  await storedAre('crash', 1)
  await until('a checkpoint says that it is stored', async () => {
    const kept = await keptOf('crash')
    return kept.state?.order.analysed >= 3 && kept.events?.length === 0
  })
  // What a killed process leaves behind: a connection that is gone, and nothing said.
  await ownBus.close()

  const second = await run('crash')
  show(16, 40, [...intruder, person([0.1, 0.9])])
  await arrived(40)
  await storedAre('crash', 2)
  end()
  const summary = await summaryOf(second)
  t.match(summary.tracks, { person: 2, vehicle: 0 })
  t.strictSame(
    heard.at(-1)!.tracks.map(({ id }) => id),
    [1, 2],
  )
  const [intrusion, loitering] = await stored('crash')
  t.equal(intrusion!.rule.id, 'intrusion')
  t.match(loitering, { rule: { id: 'loitering' }, subject: 'track-1', atMs: START_MS + 2100 })
  first.stop()
  await first.outcome
})

t.test(
  'an event that did not reach its stream before the crash is published by the next owner',
  async (t) => {
    const ownBus = await openBus(t, servers.natsUrl)
    // A publisher whose messages get lost on the way.
    const deaf: TrackingDeps['bus'] = {
      publisher: { publish: () => new Promise(() => undefined) } as unknown as Publisher,
      publishCore: (subject, data) => ownBus.publishCore(subject, data),
      subscribe: (subject, onMessage) => ownBus.subscribe(subject, onMessage),
      serveSubject: (subject, handler, options) => ownBus.serveSubject(subject, handler, options),
      call: (name, request, options) => ownBus.call(name, request, options),
      request: (subject, body, options) => ownBus.request(subject, body, options),
    }
    const first = await run('lost', { bus: deaf })
    const { show, arrived, end } = simulateCamera(t, bus, 'lost')
    show(1, 10, intruder)
    await arrived(10)
    await until('the event is in a checkpoint', async () => {
      const kept = JSON.parse((await redis.get(checkpointKey('lost'))) ?? '{}')
      return kept.events?.length === 1
    })
    await ownBus.close()
    t.strictSame(await stored('lost'), [])

    const second = await run('lost')
    await storedAre('lost', 1)
    show(11, 15, intruder)
    await arrived(15)
    end()
    await summaryOf(second)
    t.equal((await stored('lost')).length, 1)
    first.stop()
  },
)

t.test('an instance that stops hands the camera on at once, with all that it knows', async (t) => {
  const first = await run('handover')
  const { show, arrived, end } = simulateCamera(t, bus, 'handover')
  show(1, 12, intruder)
  await arrived(12)
  first.stop()
  t.match(await first.outcome, { kind: 'retry', error: { message: 'the instance stops' } })
  const second = await run('handover')
  show(13, 14, intruder)
  await arrived(14)
  end()
  t.match(await summaryOf(second), {
    frames: { analysed: 14, droppedAtDetection: 0 },
    tracks: { person: 1 },
    events: { intrusion: 1 },
  })
})

t.test('a step that is done is done again at once', async (t) => {
  const first = await run('twice')
  const { show, arrived, end } = simulateCamera(t, bus, 'twice')
  show(1, 5, intruder)
  await arrived(5)
  end()
  const summary = await summaryOf(first)
  const ctx = createTestContext({ taskId: 'twice' })
  const again = await createTrackingAgent({ bus, redis, clock: systemClock }).handle(
    trackingInput('twice'),
    ctx,
  )
  t.match(again, { kind: 'done', output: { frames: summary.frames, tracks: summary.tracks } })
})

t.test('without Redis it works, and says so once', async (t) => {
  const nowhere = createRedis('redis://127.0.0.1:1')
  t.teardown(() => nowhere.close())
  const running = await run('alone', { redis: nowhere })
  const { show, arrived, end } = simulateCamera(t, bus, 'alone')
  show(1, 25, intruder)
  await arrived(25)
  await storedAre('alone', 2)
  end()
  t.match(await summaryOf(running), { frames: { analysed: 25 }, events: { intrusion: 1, loitering: 1 } })
  const said = running.logged.filter(({ level }) => level === 'warn')
  t.strictSame(
    said.map(({ message }) => message),
    ['tracking goes on without checkpoints'],
  )
})

t.test('a checkpoint that is none is put aside', async (t) => {
  await redis.setFor(checkpointKey('broken'), '{"v":1,"state":{"tracker":7}}', 60_000)
  const running = await run('broken')
  const { show, arrived, end } = simulateCamera(t, bus, 'broken')
  show(1, 5, intruder)
  await arrived(5)
  end()
  t.match(await summaryOf(running), { frames: { analysed: 5 }, tracks: { person: 1 } })
  t.ok(running.logged.some(({ level }) => level === 'warn'))
})

t.test('a tracker that never heard the end asks what has become of the capture', async (t) => {
  const fast: Clock = {
    nowMs: () => systemClock.nowMs(),
    monotonicMs: () => systemClock.monotonicMs() * 50,
    sleep: (ms, signal) => systemClock.sleep(ms / 50, signal),
  }
  let asked = 0
  const steps = { capture: { status: 'dispatched', attempt: 1 }, track: { status: 'dispatched', attempt: 1 } }
  const end = bus.serveSubject(
    SERVICES.getTask,
    () => {
      asked++
      if (asked === 3) steps.capture.status = 'completed'
      return {
        task: {
          ...{ v: 1, id: 'silent', tenant: 'acme', type: 'monitor', status: 'running', rev: 1, seq: 1 },
          ...{ priority: 1, bodyHash: '', createdAtMs: 0, startAtMs: 0, deadlineAtMs: 0, input: {}, steps },
          plan: {
            ...planExample,
            steps: [
              { ...planExample.steps[0], id: 'capture', agent: 'capture', needs: [] },
              { ...planExample.steps[0], id: 'track', agent: 'tracking', needs: [] },
            ],
          },
        },
      }
    },
    { queue: 'test' },
  )
  t.teardown(end)
  const running = await run('silent', { clock: fast })
  const { show, arrived } = simulateCamera(t, bus, 'silent')
  show(1, 5, intruder)
  await arrived(5)
  t.match(await summaryOf(running), { frames: { analysed: 5 } })
  t.ok(asked >= 3, `asked ${asked} times`)
})
