import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import type { StrategyName } from '../../schemas/agent-policy.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Eight instances, of which two are slow: so slow that what they have does not end. Who gets what comes then?

const INSTANCES = 8
const QUICK = 24
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
const bus = await openBus(t, servers.natsUrl)
const began = new Map<ChildProcess, number>()
const agents = await Promise.all(
  Array.from({ length: INSTANCES }, async () => {
    const agent = await startService(t, servers, 'test/support/steered-agent.ts')
    began.set(agent, 0)
    agent.on('message', (message) => {
      if ((message as { kind: string }).kind === 'began') began.set(agent, began.get(agent)! + 1)
    })
    return agent
  }),
)
const submit = async (mode: 'hold' | 'quick'): Promise<string> => {
  const request = { type: 'plan', plan: { steps: [{ id: 'a', agent: 'steered', input: { mode } }] } }
  return ((await bus.request(SERVICES.submitTask, request, { timeoutMs: 10_000 })) as { taskId: string })
    .taskId
}
const setStrategy = (strategy: StrategyName) =>
  bus.call('setAgentPolicy', { agent: 'steered', set: { strategy } }, { timeoutMs: 5000 })
const total = () => [...began.values()].reduce((sum, one) => sum + one, 0)

await until('all are known, each with a queue of its own', async () => {
  const { agents: views } = await bus.call('listAgents', {}, { timeoutMs: 5000 })
  return views.filter(({ queue, status }) => queue !== undefined && status === 'ready').length === INSTANCES
})
await setStrategy('round-robin')
const held = [await submit('hold'), await submit('hold')]
await until('both have begun', () => total() === 2)
const slow = agents.filter((agent) => began.get(agent) === 1)
t.equal(slow.length, 2, 'one after the other')

/** How many of some quick steps, one after the other, the slow ones got. */
async function gotOfQuick(): Promise<number> {
  const before = slow.map((agent) => began.get(agent)!)
  for (let i = 0; i < QUICK; i++) await endOfTask(bus, await submit('quick'))
  return slow.reduce((sum, agent, i) => sum + began.get(agent)! - before[i]!, 0)
}

t.test('round-robin: the slow ones get as much as the others', async (t) => {
  t.equal(await gotOfQuick(), (QUICK * 2) / INSTANCES)
})

t.test('least-loaded: the slow ones get nothing while others are free', async (t) => {
  await setStrategy('least-loaded')
  t.equal(await gotOfQuick(), 0)
  for (const agent of slow) agent.send('finish')
  const ends = await Promise.all(held.map((id) => endOfTask(bus, id)))
  t.ok(ends.every(({ status }) => status === 'completed'))
})
