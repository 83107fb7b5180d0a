import type { ChildProcess } from 'node:child_process'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const AGENT = 'steered'
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

/** Tasks that began in each process. */
const began = new Map<string, string[]>()
async function startAgent(instance: string): Promise<ChildProcess> {
  const agent = await startService(t, servers, 'test/support/steered-agent.ts', { MURMUR_INSTANCE: instance })
  began.set(instance, [])
  agent.on('message', (message) => {
    const { kind, taskId } = message as { kind: string; taskId: string }
    if (kind === 'began') began.get(instance)!.push(taskId)
  })
  return agent
}
const submit = async (key: string, count: number, mode = 'quick') =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const plan = { steps: [{ id: 'a', agent: AGENT, input: { mode } }] }
      const request = { type: 'plan', idempotencyKey: `${key}-${i}`, plan }
      return (await bus.call('submitTask', request, { timeoutMs: 10_000 })).taskId
    }),
  )
const ends = async (ids: string[]) =>
  (await Promise.all(ids.map((id) => endOfTask(bus, id, 60_000)))).map(
    ({ status, steps }) => `${status} ${steps.a?.attempt}`,
  )
const completed = (count: number) => Array.from({ length: count }, () => 'completed 1')
const drain = (instance: string, isDrained: boolean) =>
  bus.call('setInstanceDrain', { agent: AGENT, instance, drain: isDrained }, { timeoutMs: 10_000 })
const listed = async () =>
  (await bus.call('listAgents', {}, { timeoutMs: 5000 }).catch(() => undefined))?.agents ?? []
const statusOf = async (instance: string) => (await listed()).find((one) => one.instance === instance)?.status
const queued = async () => (await jsm.streams.info('STEPS')).state.messages

const agents = { one: await startAgent('one'), two: await startAgent('two') }
const areReady = async () =>
  (await listed()).filter(({ status, queue }) => status === 'ready' && queue !== undefined).length === 2
await until('both are ready, each with a queue of its own', areReady)

t.test('one is drained while it works: that ends there, all else goes to the other', async (t) => {
  await bus.call('setAgentPolicy', { agent: AGENT, set: { strategy: 'round-robin' } }, { timeoutMs: 10_000 })
  const held = await submit('held', 2, 'hold')
  await until('each has one', () => began.get('one')!.length === 1 && began.get('two')!.length === 1)
  const [long] = began.get('one')!
  await drain('one', true)
  await until('it drains', async () => (await statusOf('one')) === 'draining')
  for (const strategy of ['round-robin', 'pull'] as const) {
    await bus.call('setAgentPolicy', { agent: AGENT, set: { strategy } }, { timeoutMs: 10_000 })
    t.strictSame(await ends(await submit(strategy, 12)), completed(12))
  }
  t.strictSame(began.get('one'), [long], 'nothing new began there')
  t.equal(began.get('two')!.length, 25)
  t.equal(await statusOf('one'), 'draining', 'it still has its step')
  for (const agent of Object.values(agents)) agent.send('finish')
  t.strictSame(await ends(held), completed(2))
  t.notOk(began.get('two')!.includes(long!), 'it ended where it began')
  await until('it is drained', async () => (await statusOf('one')) === 'drained')
})

t.test('the last one is drained: steps wait and say for what, whatever dies; then they go', async (t) => {
  const notes: string[] = []
  const unsubscribe = bus.subscribe('tasks.events.plan.*.progress', ({ data }) =>
    notes.push(JSON.parse(Buffer.from(data).toString()).note),
  )
  t.teardown(unsubscribe)
  await drain('two', true)
  await until('both are drained', async () => (await statusOf('two')) === 'drained')
  const before = began.get('two')!.length
  const waiting = await submit('waiting', 6)
  await until('watchers are told', () => notes.length >= 6)
  t.equal(notes[0], `waits: every instance of ${AGENT} is drained by an operator: one, two`)
  t.equal(await queued(), 0, 'nothing lies where somebody might take it')
  await redis.flushall()
  orchestrator.kill('SIGKILL')
  orchestrator = await startOrchestrator()
  const drained = async () => (await listed()).filter(({ status }) => status === 'drained').length
  await until('both are drained still', async () => (await drained()) === 2, 20_000)
  agents.one.kill('SIGKILL')
  const killedAtMs = Date.now()
  agents.one = await startAgent('one')
  await until('one that starts again under its name is drained', async () => {
    const found = (await listed()).find(({ instance }) => instance === 'one')
    return found !== undefined && found.startedAtMs > killedAtMs && found.status === 'drained'
  })
  t.strictSame([began.get('one'), began.get('two')!.length], [[], before], 'nobody has taken anything')
  await drain('two', false)
  t.strictSame(await ends(waiting), completed(6))
  t.strictSame(began.get('one'), [])
  await drain('one', false)
  await until('both are ready', areReady)
  const { drains } = await bus.call('listAgents', {}, { timeoutMs: 5000 })
  t.strictSame(drains, [])
})
