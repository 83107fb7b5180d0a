import { randomUUID } from 'node:crypto'
import { headers } from '@nats-io/transport-node'
import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import { partitionOf, SUBJECTS } from '../../subjects/subjects.ts'
import { openNats } from '../support/bus.ts'
import { startCluster } from '../support/cluster.ts'
import { faultsOf, type Load, LogWatch, submitTasks } from '../support/task-load.ts'
import { until } from '../support/until.ts'

const TASKS = 500
const PARTITIONS = 8
const RECOVER_TIMEOUT_MS = 10_000

const cluster = await startCluster(t, { orchestrators: 2, agents: 2, partitions: PARTITIONS })
const { bus, servers, notes } = cluster
const [orchestrator, otherOrchestrator] = cluster.orchestrators as [Member, Member]
const [agent, otherAgent] = cluster.agents as [Member, Member]
type Member = (typeof cluster.agents)[number]
const log = new LogWatch(bus)
const redis = new Client(servers.redisUrl)
const { nc, jsm } = await openNats(t, servers.natsUrl)
t.teardown(async () => {
  await log.stop()
  redis.disconnect()
})

/** Tasks of a run, and the promise that the fault hits while most of them are under way. */
async function underWay(t: Test, about: Partial<Parameters<typeof submitTasks>[2]> = {}): Promise<Load> {
  const load = await submitTasks(bus, log, { run: randomUUID(), count: TASKS, ...about })
  const open = TASKS - load.ended()
  t.ok(open >= TASKS / 4, `${open} of ${TASKS} tasks are under way when the fault hits`)
  return load
}

async function nothingIsLost(t: Test, load: Load): Promise<void> {
  t.strictSame(await faultsOf(bus, log, load), [], 'each task ended once with its result')
}

async function partitionsOf(member: Member): Promise<number[]> {
  const owners = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, p) => redis.get(`murmur:{p${p}}:lease`)),
  )
  return owners.flatMap((owner, p) => (owner === member.instance ? [p] : []))
}

const balanced = () =>
  until('both orchestrators have their share', async () => {
    const shares = await Promise.all(cluster.orchestrators.map(partitionsOf))
    return shares.every((share) => share.length === PARTITIONS / 2)
  })

/** Stops it in the middle of steps, and says of which: results of some were on their way at that moment. */
async function frozenAtWork(member: Member): Promise<Set<string>> {
  for (;;) {
    await until('it has work in hand', () => member.inHand.size > 0)
    member.signal('SIGSTOP')
    const { state } = await jsm.streams.info('LOG')
    await until('what it had sent is read', () => log.lastSeq >= state.last_seq)
    const inHand = [...member.inHand].filter((key) => !hasResult(key))
    if (inHand.length > 0) return new Set(inHand)
    member.signal('SIGCONT')
  }
}

function hasResult(key: string): boolean {
  const [taskId, stepId, attempt] = key.split(':') as [string, string, string]
  return (log.turns.get(taskId) ?? []).some(
    ({ event }) =>
      event.kind === 'result' && event.body.stepId === stepId && event.body.attempt === Number(attempt),
  )
}

t.test('without a fault', async (t) => {
  await balanced()
  const load = await underWay(t)
  await nothingIsLost(t, load)
  const workers = new Set(notes.map(({ instance }) => instance))
  t.equal(workers.size, 2, 'both instances had work')
})

t.test('SIGKILL of an agent', async (t) => {
  const load = await underWay(t)
  await until('it has work in hand', () => agent.inHand.size > 0)
  await agent.kill()
  const killedMs = performance.now()
  const orphans = new Set(agent.inHand)
  t.ok(orphans.size > 0, `${orphans.size} steps died with it`)
  const adopted = () =>
    notes.filter(({ kind, key, atMs }) => kind === 'ended' && atMs > killedMs && orphans.has(key))
  await nothingIsLost(t, load)
  await until(
    'all of them were done by the other',
    () => new Set(adopted().map(({ key }) => key)).size === orphans.size,
  )
  const lastMs = Math.max(...adopted().map(({ atMs }) => atMs)) - killedMs
  const nextMs = notes.find(({ kind, atMs }) => kind === 'ended' && atMs > killedMs)!.atMs - killedMs
  t.comment(
    `the next step ended after ${Math.round(nextMs)} ms, the last orphan after ${Math.round(lastMs)} ms`,
  )
  t.ok(lastMs < RECOVER_TIMEOUT_MS, `${Math.round(lastMs)} ms`)
  await agent.start()
})

t.test('SIGKILL of an orchestrator', async (t) => {
  await balanced()
  const orphaned = await partitionsOf(orchestrator)
  t.equal(orphaned.length, PARTITIONS / 2)
  const load = await underWay(t)
  await orchestrator.kill()
  const killedMs = performance.now()
  const open = new Set(
    [...load.expected.keys()]
      .filter((id) => log.state(id)?.status === 'running')
      .map((id) => partitionOf(id, PARTITIONS)),
  )
  const affected = orphaned.filter((partition) => open.has(partition))
  t.ok(affected.length > 0, `${affected.length} partitions with work lost their owner`)
  // Only an owner announces; what the dead one had sent has arrived by the time the kill is known.
  const backMs = new Map<number, number>()
  const end = bus.subscribe(SUBJECTS.eventsAll, ({ subject }) => {
    const partition = partitionOf(subject.split('.')[3]!, PARTITIONS)
    if (!backMs.has(partition)) backMs.set(partition, performance.now() - killedMs)
  })
  t.teardown(end)
  await nothingIsLost(t, load)
  const lastMs = Math.max(...affected.map((partition) => backMs.get(partition) ?? Number.POSITIVE_INFINITY))
  t.comment(`the last of its partitions went on after ${Math.round(lastMs)} ms`)
  t.ok(lastMs < RECOVER_TIMEOUT_MS, `${Math.round(lastMs)} ms`)
  await orchestrator.start()
  await balanced()
})

t.test('SIGKILL and restart of nats-server', async (t) => {
  const load = await underWay(t)
  await servers.killNats()
  const killedMs = performance.now()
  await servers.restartNats()
  await until(
    'work goes on',
    () => notes.some(({ kind, atMs }) => kind === 'began' && atMs > killedMs + 200),
    20_000,
  )
  t.comment(
    `the next step began ${Math.round(notes.find(({ kind, atMs }) => kind === 'began' && atMs > killedMs + 200)!.atMs - killedMs)} ms after the kill`,
  )
  await nothingIsLost(t, load)
})

t.test('kill and restart of Redis', async (t) => {
  const load = await underWay(t)
  await servers.killRedis()
  await servers.restartRedis()
  await nothingIsLost(t, load)
})

t.test('FLUSHALL of Redis', async (t) => {
  const load = await underWay(t)
  await redis.flushall()
  await nothingIsLost(t, load)
  await balanced()
})

t.test('every result twice, and a late one for each first attempt', async (t) => {
  let copies = 0
  const copy = nc.subscribe('log.*.result.*', {
    callback: (_, message) => {
      if (message.headers?.has('Copy')) return
      type Result = { stepId: string; outcome: { kind: string; output?: unknown } }
      const body = JSON.parse(message.string()) as Result | { results: Result[] }
      const send = (body: unknown) => {
        const about = headers()
        about.set('Nats-Msg-Id', randomUUID())
        about.set('Copy', 'yes')
        nc.publish(message.subject, JSON.stringify(body), { headers: about })
        copies++
      }
      for (const result of 'results' in body ? body.results : [body]) {
        send(result)
        // It says something else: whatever is made of it would show in the result.
        send({ ...result, outcome: { kind: 'done', output: { value: 1e9 } } })
      }
    },
  })
  t.teardown(() => copy.unsubscribe())
  await nc.flush()
  const load = await underWay(t)
  await nothingIsLost(t, load)
  await until('all copies are in the log', () => lateResults(load) >= 2 * 3 * TASKS)
  t.ok(copies >= 2 * 3 * TASKS, `${copies} results came too often`)
  t.strictSame(await faultsOf(bus, log, load), [], 'also after the last of them')
})

t.test(
  'an agent that is frozen: others do its steps, and what it says when it wakes changes nothing',
  async (t) => {
    const load = await underWay(t)
    const frozen = await frozenAtWork(otherAgent)
    const isDone = (key: string) =>
      notes.some((note) => note.kind === 'ended' && note.key === key && note.instance === agent.instance)
    await until('its steps were done by the other', () => [...frozen].some(isDone), 20_000)
    otherAgent.signal('SIGCONT')
    await nothingIsLost(t, load)
    await until('it has ended its own as well', () => [...frozen].every((key) => !otherAgent.inHand.has(key)))
    t.comment(`${[...frozen].filter(isDone).length} of ${frozen.size} attempts were done twice`)
    t.strictSame(await faultsOf(bus, log, load), [], 'also after the last of them')
    for (const id of load.expected.keys())
      for (const step of Object.values(log.state(id)!.steps))
        if (step.crashes) t.fail(`${id} was taken for poison`)
  },
)

t.test('an orchestrator that is frozen for 5 s is fenced when it wakes', async (t) => {
  await balanced()
  const load = await underWay(t)
  otherOrchestrator.signal('SIGSTOP')
  const stoppedMs = performance.now()
  await until(
    'the other has taken over',
    async () => (await partitionsOf(orchestrator)).length === PARTITIONS,
  )
  t.comment(`taken over after ${Math.round(performance.now() - stoppedMs)} ms`)
  // What is asked of the frozen one is answered late or not at all, and asked again.
  const submitting = submitTasks(bus, log, { run: randomUUID(), count: TASKS })
  await until('5 s are over', () => performance.now() - stoppedMs > 5000)
  otherOrchestrator.signal('SIGCONT')
  await nothingIsLost(t, load)
  await nothingIsLost(t, await submitting)
  await balanced()
})

t.test('they leave in order', async (t) => {
  const load = await underWay(t)
  t.equal(await orchestrator.stop(), 0)
  t.equal(await agent.stop(), 0)
  await nothingIsLost(t, load)
  t.equal(await otherAgent.stop(), 0)
  t.equal(await otherOrchestrator.stop(), 0)
})

/** Results in the log that changed nothing. */
function lateResults(load: Load): number {
  let late = 0
  for (const id of load.expected.keys())
    for (const { event, commands } of log.turns.get(id) ?? [])
      if (event.kind === 'result' && commands.some((command) => command.kind === 'RecordLate')) late++
  return late
}
