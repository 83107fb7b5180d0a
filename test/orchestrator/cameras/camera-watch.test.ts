import { Redis as Client } from 'ioredis'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { CameraState } from '#schemas/camera.ts'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { CameraStates } from '../../../services/orchestrator/cameras/camera-states.ts'
import { CameraViews } from '../../../services/orchestrator/cameras/camera-views.ts'
import { CameraWatch } from '../../../services/orchestrator/cameras/camera-watch.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { taskState } from '../../support/task-states.ts'
import { until } from '../../support/until.ts'

// Real states on NATS, kept in Redis; tasks as the owner of a partition would have written them.

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)
const clock = createManualClock()
const events: CameraEvent[] = []
bus.subscribe(SUBJECTS.cameraEventsAll, ({ data }) => {
  events.push(cameraEventSchema.parse(JSON.parse(Buffer.from(data).toString())))
})
const states = new CameraStates({ bus, redis, clock, log: quietLog })
states.start()
t.teardown(() => states.quiesce())
await bus.flush()

const tasks = new Map<string, TaskState>()
const store = {
  cameraTasks: async () =>
    [...tasks.values()].filter(({ finishedAtMs }) => !finishedAtMs).map(({ id }) => id),
  readTasks: async (_partition: number, ids: readonly string[]) => ids.map((id) => tasks.get(id)),
}
const AGENT: AgentView = {
  ...{ type: 'capture', instance: 'capture-1', version: '1', capacity: 1, inFlight: 1, status: 'ready' },
  ...{ startedAtMs: 1, lastSeenMs: clock.nowMs() },
}
const agents = async () => [AGENT]
const watchOf = () =>
  new CameraWatch({ ...{ bus, redis, store, states, agents, clock, log: quietLog }, owned: () => [0] })
const watch = watchOf()

function monitorOf(id: string, camera: string, run = true): TaskState {
  const nowMs = clock.nowMs()
  const claim = { instance: 'capture-1', bornAtMs: 1, alone: false, sinceMs: nowMs }
  const task = taskState(id, {
    ...{ type: 'monitor', createdAtMs: nowMs, startAtMs: nowMs },
    plan: { steps: [{ id: 'capture', agent: 'capture', input: { camera } }] },
    steps: {
      capture: { status: 'dispatched', attempt: 1, dispatchedAtMs: nowMs, ...(run && { run: claim }) },
    },
  })
  tasks.set(id, task)
  return task
}

/** Says how a camera is, and waits until that is kept. */
async function tell(monitor: string, camera: string, status: CameraState['status'] = 'live'): Promise<void> {
  const state: CameraState = {
    ...{ v: 1, camera, monitor, epoch: 1, status, reconnects: 0, fps: 10, atMs: clock.nowMs() },
    frames: { decoded: 1, droppedAtCapture: 0 },
  }
  bus.publishCore(SUBJECTS.cameraState('default', camera), JSON.stringify(state))
  await until('it is kept', async () => {
    const kept = JSON.parse((await admin.hget('murmur:cameras', `${monitor}/${camera}`)) ?? '{}')
    return kept.heardAtMs === clock.nowMs() && kept.state.status === status
  })
}

/** What is told by one round, `begin camera-unwatched`. */
async function round(by: CameraWatch = watch): Promise<string[]> {
  const before = events.length
  await by.poll()
  await bus.flush()
  return events.slice(before).map(({ rule, state }) => `${state?.phase} ${rule.kind}`)
}
const FIRST = ['end monitor-ended', 'end camera-unwatched']

t.test('one whose capture falls silent: told once after 15 s, whoever polls, and over once', async (t) => {
  monitorOf('m1', 'yard')
  await tell('m1', 'yard')
  t.strictSame(await round(), FIRST, 'what was told before is over')
  t.strictSame(await round(), [])
  await clock.advance(14_000)
  t.strictSame(await round(), [], 'it may be back at once')
  await clock.advance(2000)
  t.strictSame(await round(), ['begin camera-unwatched'])
  t.match(events.at(-1), { camera: 'yard', monitor: 'm1', message: /capture-1\) lives, and says nothing/ })
  t.strictSame(await round(), [])
  t.strictSame(await round(watchOf()), [], 'another orchestrator knows it too')
  await clock.advance(20_000)
  await tell('m1', 'yard')
  t.strictSame(await round(), ['end camera-unwatched'])
  t.strictSame(await round(), [])
})

t.test('one that waits for a place is told, and over when its task is', async (t) => {
  const task = monitorOf('m2', 'gate', false)
  await round()
  await clock.advance(16_000)
  await tell('m1', 'yard')
  t.strictSame(await round(), ['begin camera-unwatched'])
  t.match(events.at(-1), {
    camera: 'gate',
    message: /waiting for a place: 1 of 1 of 1 capture process taken/,
  })
  tasks.set('m2', { ...task, status: 'cancelled', finishedAtMs: clock.nowMs() })
  t.strictSame(await round(), ['end camera-unwatched'])
  t.strictSame(await round(), [])
})

t.test('a monitor that fails is told once, and over when another one sees the camera', async (t) => {
  const task = monitorOf('m3', 'road')
  await tell('m3', 'road')
  t.strictSame(await round(), FIRST)
  const failed: TaskState = {
    ...{ ...task, status: 'failed', finishedAtMs: clock.nowMs() },
    error: { code: 'CREDENTIALS_REFUSED', message: 'the user is refused' },
  }
  tasks.set('m3', failed)
  const before = events.length
  watch.onEnded(failed)
  await until('its owner has told', () => events.length === before + 1)
  await round()
  t.equal(new Set(events.slice(before).map(({ id }) => id)).size, 1, 'told again it is the same event')
  await clock.advance(5000)
  monitorOf('m4', 'road')
  await tell('m4', 'road', 'connecting')
  t.strictSame(await round(), [], 'it is not seen yet')
  await tell('m4', 'road')
  t.strictSame(await round(), FIRST)
})

t.test('all of it in one list, by tenant, status and camera', async (t) => {
  const live = { withTasks: () => [0] }
  const views = new CameraViews({ store, live, states, agents, clock })
  await tell('m1', 'yard', 'blind')
  const { cameras, total } = await views.list('default', {})
  t.strictSame(
    cameras.map(({ camera, monitor, status }) => [camera, monitor, status]),
    [
      ['road', 'm4', 'live'],
      ['yard', 'm1', 'blind'],
    ],
  )
  t.equal(total, 2)
  t.match(await views.list('default', { status: 'blind' }), { total: 1, cameras: [{ camera: 'yard' }] })
  t.match(await views.list('default', { camera: 'road' }), { total: 1 })
  t.strictSame(await views.list('acme', {}), { cameras: [], total: 0 })
  t.strictSame(await views.counts(), [
    { status: 'live', count: 1 },
    { status: 'blind', count: 1 },
  ])
})

t.test('a state that names another camera than its subject is not kept', async (t) => {
  const state = {
    v: 1,
    camera: 'liar',
    monitor: 'm9',
    epoch: 1,
    status: 'live',
    reconnects: 0,
    fps: 1,
    atMs: 1,
  }
  const body = JSON.stringify({ ...state, frames: { decoded: 1, droppedAtCapture: 0 } })
  bus.publishCore(SUBJECTS.cameraState('default', 'yard'), body)
  await tell('m1', 'yard')
  t.equal(await admin.hget('murmur:cameras', 'm9/liar'), null)
})
