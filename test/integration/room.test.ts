import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { jetstream } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import t from 'tap'
import type { TaskState } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { queueRoom, STREAMS } from '../../subjects/streams.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.setTimeout(240_000)
const MIB = 1024 * 1024
const STORAGE_GIB = 0.05
const room = queueRoom(STREAMS.steps, STORAGE_GIB * 1024 ** 3)!
// What the streams may hold is all that the server has.
const fixedBytes = Object.values(STREAMS).reduce((sum, { maxBytes = 0 }) => sum + maxBytes, 0)
const servers = await withServers(t, {
  nats: { maxFileBytes: Math.ceil(STORAGE_GIB * 1024 ** 3) + fixedBytes + MIB },
})
const bus = await openBus(t, servers.natsUrl)
const { nc, jsm } = await openNats(t, servers.natsUrl)
const js = jetstream(nc)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_STORAGE_GIB: String(STORAGE_GIB),
    MURMUR_PARTITIONS: '4',
  })
let [orchestrator] = await Promise.all([
  startOrchestrator(),
  startService(t, servers, 'test/support/chaos-agent.ts'),
])

const plan = (agent: string, input: object) => ({
  type: 'plan',
  plan: { steps: [{ id: 'a', agent, input }] },
})
const chaos = (about: object = {}) => plan('chaos', { value: 1, times: 2, plus: 1, workMs: 0, ...about })
const submit = async (body: object): Promise<string> =>
  ((await bus.request(SERVICES.submitTask, body, { timeoutMs: 20_000 })) as { taskId: string }).taskId
const faultOf = (work: Promise<unknown>): Promise<MurmurError | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof MurmurError) return error
      throw error
    },
  )
const kill = async (child: ChildProcess) => {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
const fillOf = async (stream: string) => {
  const { config, state } = await jsm.streams.info(stream)
  return state.bytes / config.max_bytes
}
/** Fills a stream with what nobody reads. */
const fillUp = async (stream: string, subject: string, share: number) => {
  for (let i = 0; (await fillOf(stream)) < share; i++)
    await bus.publisher.publish(subject, Buffer.alloc(100_000), { msgId: `${subject}-${i}-${share}` })
}

t.test(
  'a dead agent type stops nobody else; what found no room waits through a crash and is done when agents come',
  async (t) => {
    await bus.request(SERVICES.registerAgent, { type: 'noop-a', instance: 'nobody' }, { timeoutMs: 5000 })
    const ended: string[] = []
    const unwatch = bus.subscribe('tasks.events.plan.*.completed', ({ subject }) => {
      ended.push(subject.split('.')[3]!)
    })
    t.teardown(unwatch)
    const stuck = await Promise.all(
      Array.from({ length: 3 * room }, () => submit(plan('noop-a', { payload: 'x' }))),
    )
    await until('the queue is full', async () => {
      const info = await jsm.streams.info('STEPS', { subjects_filter: 'steps.noop-a.>' })
      return info.state.subjects?.['steps.noop-a.any.2'] === room
    })
    const free = await Promise.all(Array.from({ length: 100 }, () => submit(chaos())))
    await until('others are done', () => free.every((id) => ended.includes(id)))
    await kill(orchestrator)
    orchestrator = await startOrchestrator()
    const later = await submit(chaos())
    await until('others are done after the crash too', () => ended.includes(later))
    const agents = await startService(t, servers, 'loadtest/bench/noop-agents.ts')
    await until('all are done', () => new Set(ended).size === stuck.length + free.length + 1, 60_000)
    t.equal(ended.length, new Set(ended).size, 'each ended once')
    await kill(agents)
  },
)

for (const [stream, name, subject] of [
  ['log', 'LOG', 'log.99.timer'],
  ['steps', 'STEPS', 'steps.junk.at.x'],
  ['objects', 'OBJ_MURMUR_BLOBS', '$O.MURMUR_BLOBS.C.junk'],
] as const) {
  t.test(
    `${name} nearly full: no to new tasks, what was accepted ends, and it goes on by itself`,
    async (t) => {
      const accepted = await submit(chaos({ workMs: 1500, padding: 15_000 }))
      const cancelled = await submit({ ...chaos(), delayMs: 600_000, deadlineMs: 700_000 })
      const timed = await submit({ ...chaos(), delayMs: 2000 })
      await fillUp(name, subject, 0.93)
      let refused: MurmurError | undefined
      await until('new tasks are refused', async () => {
        refused = await faultOf(submit(chaos()))
        return refused !== undefined
      })
      t.match(refused, { code: 'OVERLOADED', message: /full/ })
      t.ok(refused!.retryAfterMs! >= 250)
      const h = headers()
      h.set('Nats-Msg-Id', `patient-${stream}`)
      await js.publish('tasks.submit.plan', JSON.stringify({ plan: chaos().plan }), { headers: h })
      await bus.request(SERVICES.cancelTask, { taskId: cancelled }, { timeoutMs: 5000 })
      t.equal((await endOfTask(bus, accepted)).status, 'completed', 'its result landed')
      t.equal((await endOfTask(bus, cancelled)).status, 'cancelled')
      t.equal((await endOfTask(bus, timed)).status, 'completed', 'its timer landed, and its step')
      const outcome = () =>
        bus.request(
          SERVICES.getSubmission,
          { messageId: `patient-${stream}` },
          { timeoutMs: 5000 },
        ) as Promise<{
          status: string
          taskId?: string
        }>
      t.match(await outcome(), { status: 'waiting' }, 'it stays in the queue')
      await jsm.streams.purge(name, { filter: subject })
      await until('new tasks come in', async () => (await faultOf(submit(chaos()))) === undefined)
      await until('so does what waited', async () => (await outcome()).status === 'accepted')
      t.equal((await endOfTask(bus, (await outcome()).taskId!)).status, 'completed')
    },
  )
}

t.test(
  'Redis nearly full, then full: no to new tasks, what was accepted ends, and it goes on by itself',
  async (t) => {
    const redis = new Redis(servers.redisUrl)
    t.teardown(() => redis.disconnect())
    const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
    const maxBytes = (await used()) + 64 * MIB
    await redis.config('SET', 'maxmemory', String(maxBytes))
    let ballast = 0
    const grow = async () => {
      await redis.set(`ballast:${ballast}`, 'x'.repeat(MIB))
      ballast++
    }
    while ((await used()) < 0.9 * maxBytes) await grow()
    let refused: MurmurError | undefined
    await until('new tasks are refused', async () => {
      refused = await faultOf(submit(chaos()))
      return refused !== undefined
    })
    t.match(refused, { code: 'OVERLOADED', message: /Redis is \d+ % full/ })
    t.ok(refused!.retryAfterMs! >= 250)
    const drop = async (count: number) => {
      for (let i = 0; i < count; i++) await redis.del(`ballast:${--ballast}`)
    }
    await drop(20)
    let accepted = ''
    await until('new tasks come in', async () => {
      const fault = await faultOf(
        submit(chaos({ workMs: 1500, padding: 15_000 })).then((id) => {
          accepted = id
        }),
      )
      return fault === undefined
    })
    while ((await used()) < 0.9 * maxBytes) await grow()
    t.equal((await endOfTask(bus, accepted)).status, 'completed', 'there is room for what was accepted')

    await drop(20)
    await until('new tasks come in', async () => {
      const fault = await faultOf(
        submit(chaos({ workMs: 500 })).then((id) => {
          accepted = id
        }),
      )
      return fault === undefined
    })
    for (;;) {
      const isFull = await grow().then(
        () => false,
        (error: Error) => /^OOM/.test(error.message),
      )
      if (isFull) break
    }
    await until('it is full to the last byte, and said so', async () => {
      const fault = await faultOf(submit(chaos()))
      return fault !== undefined && /OVERLOADED|UNAVAILABLE/.test(fault.code)
    })
    await drop(ballast)
    t.equal((await endOfTask(bus, accepted)).status, 'completed', 'and it went on by itself')
    await redis.config('SET', 'maxmemory', '0')
    await until('new tasks come in', async () => (await faultOf(submit(chaos()))) === undefined)
  },
)

t.test('as many are let in as can end, even when each gives the largest output', async (t) => {
  const body = plan('noop-b', { payload: 'x'.repeat(15_500) })
  await bus.request(SERVICES.registerAgent, { type: 'noop-b', instance: 'nobody' }, { timeoutMs: 5000 })
  const taskIds: string[] = []
  let refused: MurmurError | undefined
  while (!refused && taskIds.length < 5000) {
    const batch = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const fault = await faultOf(submit(body).then((id) => taskIds.push(id)))
        return fault
      }),
    )
    refused = batch.find((fault) => fault !== undefined)
  }
  t.match(refused, { code: 'OVERLOADED' })
  t.ok(taskIds.length > 100, `${taskIds.length} were let in`)
  await startService(t, servers, 'loadtest/bench/noop-agents.ts')
  const states: TaskState[] = []
  for (const id of taskIds) states.push(await endOfTask(bus, id, 120_000))
  t.same(
    states.filter(({ status }) => status !== 'completed').map(({ error }) => error),
    [],
  )
  t.ok((await fillOf('LOG')) < 1)
})
