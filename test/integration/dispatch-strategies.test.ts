import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import type { StrategyName } from '../../schemas/agent-policy.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)

/** What began in each process, in order: task and attempt. */
const began = new Map<ChildProcess, string[]>()
async function startAgent(): Promise<ChildProcess> {
  const agent = await startService(t, servers, 'test/support/steered-agent.ts')
  began.set(agent, [])
  agent.on('message', (message) => {
    const { kind, taskId, attempt } = message as { kind: string; taskId: string; attempt: number }
    if (kind === 'began') began.get(agent)!.push(`${taskId} ${attempt}`)
  })
  return agent
}
const hold = async (key: string, count: number) => {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const request = {
      type: 'plan',
      idempotencyKey: `${key}-${i}`,
      plan: { steps: [{ id: 'a', agent: 'steered', input: { mode: 'hold' } }] },
    }
    const answer = await bus.request(SERVICES.submitTask, request, { timeoutMs: 10_000 })
    ids.push((answer as { taskId: string }).taskId)
  }
  return ids
}
const known = async (count: number) => {
  const { agents } = await bus.call('listAgents', {}, { timeoutMs: 5000 })
  return agents.filter(({ queue, status }) => queue !== undefined && status === 'ready').length === count
}
const setStrategy = (strategy: StrategyName) =>
  bus.call('setAgentPolicy', { agent: 'steered', set: { strategy } }, { timeoutMs: 5000 })
const left = async () => (await jsm.streams.info('STEPS')).state.messages

let [first, second] = [await startAgent(), await startAgent()]
await until('both are known, each with a queue of its own', () => known(2))

for (const strategy of ['round-robin', 'weighted', 'least-loaded'] as const)
  t.test(`${strategy}: shared evenly; what a killed instance had is done by the other, once`, async (t) => {
    await setStrategy(strategy)
    const notes: string[] = []
    const unsubscribe = bus.subscribe('tasks.events.plan.*.progress', ({ data }) =>
      notes.push(JSON.parse(Buffer.from(data).toString()).note),
    )
    const ids = await hold(strategy, 4)
    await until('all have begun', () => began.get(first)!.length + began.get(second)!.length === 4)
    t.equal(began.get(first)!.length, 2)
    const sent = () => notes.filter((note) => /^sent to [\w-]+: /.test(note ?? ''))
    await until('each is told where it went', () => sent().length >= 4)
    unsubscribe()
    t.equal(sent().length, 4, `why: ${notes[0]}`)
    const orphans = [...began.get(first)!]
    first.kill('SIGKILL')
    await until('the other has them', () => orphans.every((one) => began.get(second)!.includes(one)), 20_000)
    second.send('finish')
    const ends = await Promise.all(ids.map((id) => endOfTask(bus, id)))
    t.strictSame(
      ends.map(({ status, steps }) => `${status} ${steps.a?.attempt}`),
      Array.from({ length: 4 }, () => 'completed 1'),
    )
    t.equal(new Set(began.get(second)).size, began.get(second)!.length, 'nothing began twice there')
    const placements = ends.map(({ steps }) => steps.a!.placement!)
    t.equal(placements.filter(({ instance }) => instance !== undefined).length, 2, 'two are where they were')
    for (const { instance, because, candidates, leftOut, ...about } of placements) {
      t.match(about, { strategy, attempt: 1 })
      if (instance === undefined) t.match(because, /did not take it/)
      else t.match([candidates?.[0]?.instance, candidates?.length, leftOut], [instance, 2, []])
    }
    await until('no message is left', async () => (await left()) === 0)
    second.kill('SIGTERM')
    ;[first, second] = [await startAgent(), await startAgent()]
    await until('both are known', () => known(2))
  })

t.test(
  'why an instance was chosen is known after a restart of the orchestrator; of pull, that it was free',
  async (t) => {
    const placementOf = async (id: string) => (await endOfTask(bus, id)).steps.a?.placement
    const [chosen = ''] = await hold('explained', 1)
    await until('it has begun', () => began.get(first)!.length + began.get(second)!.length === 1)
    for (const agent of [first, second]) agent.send('finish')
    const before = await placementOf(chosen)
    t.match(before, { strategy: 'least-loaded', because: /least loaded of 2: 0 of 4/, instance: String })
    await setStrategy('pull')
    const [pulled = ''] = await hold('pulled', 1)
    t.match(await placementOf(pulled), { strategy: 'pull', instance: undefined })
    orchestrator.kill('SIGKILL')
    orchestrator = await startOrchestrator()
    t.strictSame(await placementOf(chosen), before)
    t.match(await placementOf(pulled), { strategy: 'pull' })
  },
)
