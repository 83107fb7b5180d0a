import { Redis as Client } from 'ioredis'
import t from 'tap'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'

const AGENT = 'test/support/locking-agent.ts'
const servers = await withServers(t)
const admin = new Client(servers.redisUrl)
t.teardown(() => admin.disconnect())
await startService(t, servers, 'services/orchestrator/main.ts')
// As their own users of NATS, which may do no more than agents do.
await Promise.all([startService(t, servers, AGENT), startService(t, servers, AGENT)])
const bus = await openBus(t, servers.natsUrl)

/** Runs so many steps at the same time, and gives the tokens that they had. */
async function run(count: number): Promise<number[]> {
  const steps = Array.from({ length: count }, (_, i) => ({
    id: `s${i}`,
    agent: 'locking',
    input: { lock: 'repo:a/b' },
  }))
  const { taskId } = await bus.call('submitTask', { type: 'plan', plan: { steps } }, { timeoutMs: 10_000 })
  const task = await endOfTask(bus, taskId)
  if (task.status !== 'completed') throw new Error(JSON.stringify(task.error))
  return Object.values(task.steps).map(({ output }) => (output as { token: number }).token)
}

t.test('steps of two processes: each has the lock once, and a token of its own', async (t) => {
  const tokens = await run(8)
  t.equal(new Set(tokens).size, 8)
  await admin.flushall()
  const after = await run(4)
  t.ok(Math.min(...after) > Math.max(...tokens), 'also after Redis was emptied')
})
