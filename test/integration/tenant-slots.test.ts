import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// One tenant sends more slow steps than there are slots, at the highest priority. Another one must not notice.

const SLOTS = 8
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
let began = 0
const agents: ChildProcess[] = await Promise.all(
  [1, 2].map(async () => {
    const agent = await startService(t, servers, 'test/support/steered-agent.ts')
    agent.on('message', (message) => {
      if ((message as { kind: string }).kind === 'began') began++
    })
    return agent
  }),
)
const submit = async (tenant: string, steps: number, mode: 'hold' | 'quick', priority: number) =>
  bus.call(
    'submitTask',
    {
      type: 'plan',
      priority: priority as 0,
      plan: {
        steps: Array.from({ length: steps }, (_, i) => ({
          id: `s${i}`,
          agent: 'steered',
          input: { mode },
          timeoutMs: 120_000,
        })),
      },
    },
    { tenant, timeoutMs: 10_000 },
  )
const outOf = async () => {
  const { agents: views } = await bus.call('getAgentPolicies', { agent: 'steered' }, { timeoutMs: 5000 })
  return views[0]?.out
}

await until('both instances are known', async () => {
  const { agents: views } = await bus.call('listAgents', {}, { timeoutMs: 5000 })
  return views.filter(({ status }) => status === 'ready').length === 2
})

t.test(
  '128 slow steps at priority 0 of one tenant: another one is served while all of them hold',
  async (t) => {
    await submit('acme', 128, 'hold', 0)
    await until('as many as one tenant may have', () => began === SLOTS - 1)
    for (let i = 0; i < 5; i++) {
      const { taskId } = await submit('globex', 1, 'quick', 3)
      const { status } = await endOfTask(bus, taskId, 10_000, 'globex')
      t.equal(status, 'completed')
    }
    t.equal(await outOf(), SLOTS - 1, 'none of the slow ones has ended meanwhile')
  },
)

t.test('the same behind an orchestrator that starts again', async (t) => {
  const before = began
  orchestrator.kill('SIGKILL')
  orchestrator = await startOrchestrator()
  const { taskId } = await submit('globex', 1, 'quick', 3)
  const { status } = await endOfTask(bus, taskId, 30_000, 'globex')
  t.equal(status, 'completed')
  t.ok(began - before <= 1, `${began - before} steps began, at most the quick one`)
  for (const agent of agents) agent.send('finish')
})
