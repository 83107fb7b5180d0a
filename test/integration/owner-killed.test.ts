import { ChannelCredentials } from '@grpc/grpc-js'
import { headers as createHeaders } from '@nats-io/transport-node'
import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { HeldCalls } from '#platform/nats/held-calls.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { subjectOf } from '#subjects/operations.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { OpenAccess } from '../../services/edge/access/access.ts'
import { Gateway } from '../../services/edge/gateway/gateway.ts'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { GrpcServer } from '../../services/edge/grpc/grpc-server.ts'
import { EdgeServices } from '../../services/edge/nats/edge-services.ts'
import { openRest, readEvents, type ServerEvent } from '../edge/edge-fixture.ts'
import { openNats } from '../support/bus.ts'
import { startCluster } from '../support/cluster.ts'
import { resultOf, submissionOf } from '../support/task-load.ts'
import { until } from '../support/until.ts'

// What asks for tasks while their partition has no owner: an orchestrator is killed, and nobody is told so who waits.
t.setTimeout(120_000)
const PARTITIONS = 8
const cluster = await startCluster(t, { orchestrators: 2, agents: 1, partitions: PARTITIONS })
const { bus, servers } = cluster
const [first, second] = cluster.orchestrators as [Member, Member]
type Member = (typeof cluster.orchestrators)[number]
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())
const { nc } = await openNats(t, servers.natsUrl)
const outcomes: string[] = []
const gateway = new Gateway(bus, {
  calls: new HeldCalls(bus, { onHeld: (outcome) => void outcomes.push(outcome) }),
})
const rest = await openRest(t, bus, { gateway })
const services = new EdgeServices({ bus, gateway, hub: rest.hub, clock: systemClock })
services.start()
t.teardown(() => services.quiesce())
const grpc = new GrpcServer({
  ...{ host: '127.0.0.1', port: 0, bus, gateway, hub: rest.hub, clock: systemClock, log: silentLog },
  access: new OpenAccess(),
  tls: undefined,
  messageTimeoutMs: 20_000,
})
await grpc.start()
const tasks = new TaskServiceClient(`127.0.0.1:${grpc.port}`, ChannelCredentials.createInsecure())
t.teardown(async () => {
  tasks.close()
  await grpc.stop()
})

const ownerOf = (partition: number) => redis.get(`murmur:{p${partition}}:lease`)
const balanced = () =>
  until('both have their share', async () => {
    const owners = await Promise.all(Array.from({ length: PARTITIONS }, (_, p) => ownerOf(p)))
    return [first, second].every(
      ({ instance }) => owners.filter((one) => one === instance).length === PARTITIONS / 2,
    )
  })

const submit = (key: string, i: number, workMs?: number) =>
  gateway.submit('default', slow(submissionOf({ run: key }, i), workMs)).then(({ taskId }) => taskId)
function slow(submission: ReturnType<typeof submissionOf>, workMs: number | undefined) {
  if (workMs !== undefined)
    for (const step of submission.plan.steps) Object.assign(step.input as object, { workMs })
  return submission
}

const watchRest = (taskId: string) => readEvents(`${rest.url}/v1/tasks/${taskId}/events`)
async function watchGrpc(taskId: string): Promise<string | undefined> {
  let status: string | undefined
  for await (const { item } of tasks.watchTask({ taskId }))
    if (item?.$case === 'snapshot') status = String(item.value.output !== undefined)
  return status
}
/** As `nats req` does it: nothing is said of how long it is waited. */
async function watchNats(taskId: string): Promise<unknown[]> {
  const items: { kind: string; task?: TaskState; problem?: { code: string } }[] = []
  const subject = subjectOf('watchTask', { tenant: 'default' })
  // The sentinel of the library is an empty message; ours says that it is the last.
  const options = { strategy: 'sentinel', maxWait: 30_000 } as const
  const all = await nc.requestMany(subject, JSON.stringify({ taskId, forMs: 30_000 }), options)
  for await (const message of all) {
    const item = message.json() as (typeof items)[number]
    items.push(item)
    if (item.kind === 'end' || item.problem) break
  }
  return items
}
const requestNats = async (operation: 'getTask' | 'cancelTask', taskId: string) =>
  (
    await nc.request(subjectOf(operation, { tenant: 'default' }), JSON.stringify({ taskId }), {
      timeout: 5000,
    })
  ).json() as {
    problem?: { code: string }
    task?: TaskState
  }

/** Every event once, in order, and none missing. */
function faultsIn(events: ServerEvent[]): string[] {
  const faults: string[] = []
  const told = new Set<string>()
  let rev = 0
  for (const { event, data } of events) {
    if (event === 'problem') faults.push(JSON.stringify(data))
    if (event === 'snapshot') rev = Math.max(rev, (data as { task: TaskState }).task.rev)
    if (event !== 'event') continue
    const { rev: of = 0, kind, stepId } = data as TaskEvent
    const name = `${of} ${kind} ${stepId ?? ''}`
    if (told.has(name)) faults.push(`twice: ${name}`)
    told.add(name)
    if (of > rev + 1) faults.push(`between ${rev} and ${of} something is missing`)
    rev = of
  }
  const last = events.findLast(({ event }) => event === 'snapshot')?.data as { task: TaskState } | undefined
  if (last?.task.status !== 'completed') faults.push(`it ended as ${last?.task.status}`)
  return faults
}

async function killed(t: Test): Promise<number[]> {
  await balanced()
  const owners = await Promise.all(Array.from({ length: PARTITIONS }, (_, p) => ownerOf(p)))
  await first.kill()
  const orphans = owners.flatMap((owner, p) => (owner === first.instance ? [p] : []))
  t.equal(orphans.length, PARTITIONS / 2)
  return orphans
}

t.test(
  'who asks while a partition has no owner is answered when it has one, over every transport',
  async (t) => {
    await balanced()
    // These are watched already when it happens, and have steps to go then.
    const running = await Promise.all(Array.from({ length: 12 }, (_, i) => submit('running', i, 700)))
    const watched = running.map(watchRest)
    await until('they have begun', async () => {
      const { task } = await requestNats('getTask', running[0]!)
      return task?.steps.a?.status === 'running' || task?.steps.a?.status === 'completed'
    })
    const orphans = await killed(t)
    // Accepted without an owner: nobody has folded them.
    const ids = await Promise.all(Array.from({ length: 48 }, (_, i) => submit('after', i)))
    const waiting = ids.filter((id) => orphans.includes(partitionOf(id, PARTITIONS)))
    t.ok(waiting.length >= 8, `${waiting.length} are of a partition without an owner`)
    const doomed = await submit('doomed', 1, 30_000)
    const asked = ids.map((id, i) =>
      [
        watchRest,
        watchGrpc,
        watchNats,
        (id: string) => gateway.get('default', id),
        (id: string) => requestNats('getTask', id),
      ][i % 5]!(id),
    )
    const cancelled = [
      gateway.cancel('default', { taskId: doomed }),
      requestNats('cancelTask', await submit('doomed', 2, 30_000)),
    ]
    const answers = await Promise.all(asked)
    for (const [i, answer] of answers.entries()) {
      const transport = ['rest', 'grpc', 'nats', 'get', 'nats get'][i % 5]!
      if (transport === 'rest') t.strictSame(faultsIn(answer as ServerEvent[]), [], transport)
      else if (transport === 'grpc') t.equal(answer, 'true', transport)
      else if (transport === 'nats')
        t.match((answer as unknown[]).at(-1), { kind: 'end', isFinal: true }, transport)
      else t.notMatch(answer, { problem: {} }, transport)
    }
    for (const answer of await Promise.all(cancelled)) t.match(answer, { accepted: true })
    for (const events of await Promise.all(watched))
      t.strictSame(faultsIn(events), [], 'a watch that was there goes on')
    t.ok(outcomes.includes('answered'), `${outcomes.length} calls were held`)
    t.notOk(outcomes.includes('given_up'))
    const { output } = await gateway.get('default', waiting[0]!)
    t.match(output, { c: { value: resultOf(ids.indexOf(waiting[0]!)) } })
    await first.start()
  },
)

t.test('what was published to the queue is not unknown while nobody has folded it', async (t) => {
  const orphans = await killed(t)
  const names = Array.from({ length: 16 }, (_, i) => `queued-${i}-${process.pid}`)
  for (const [i, name] of names.entries()) {
    const { idempotencyKey: _, ...submission } = submissionOf({ run: 'queued' }, i)
    const headers = createHeaders()
    headers.set('Nats-Msg-Id', name)
    nc.publish('tasks.submit.plan', JSON.stringify(submission), { headers })
  }
  await nc.flush()
  const found = await Promise.all(
    names.map(async (messageId) => {
      const subject = subjectOf('getSubmission', { tenant: 'default' })
      const answer = await nc.request(subject, JSON.stringify({ messageId }), { timeout: 5000 })
      return answer.json() as { status: string; problem?: object; taskId?: string }
    }),
  )
  for (const answer of found) t.match(answer, { status: /accepted|waiting/ })
  t.ok(found.some(({ taskId = '' }) => orphans.includes(partitionOf(taskId, PARTITIONS))))
  await first.start()
})

t.test(
  'while no orchestrator runs calls wait, within their deadline and a limit, and go on when one is back',
  async (t) => {
    await balanced()
    const taskId = await submit('alone', 1)
    await Promise.all([first.kill(), second.kill()])
    const fromMs = performance.now()
    const deadline = new Promise((resolve) =>
      tasks.getTask({ taskId }, { deadline: Date.now() + 700 } as never, (error: unknown) => resolve(error)),
    )
    t.match(await deadline, { code: /4|14/ }, 'its own deadline')
    t.ok(performance.now() - fromMs < 5000)
    const soon = new Gateway(bus, { calls: new HeldCalls(bus, { holdMs: 600 }) })
    await t.rejects(soon.get('default', taskId), {
      code: 'UNAVAILABLE',
      message: /^nobody answers: no service for this is running \(asked for 0\.\d s\)$/,
      retryAfterMs: 1000,
    })
    // As long as it takes on a busy machine.
    const patient = new Gateway(bus, { calls: new HeldCalls(bus, { holdMs: 60_000 }) })
    const held = patient.get('default', taskId)
    await second.start()
    t.equal((await held).id, taskId, 'answered when one is back')
  },
)
