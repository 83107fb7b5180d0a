import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { userOfMain } from '../../deploy/local/stack/stack-users.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { planAgents } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, serverEnv, stopChild } from '../support/services.ts'

const root = join(import.meta.dirname, '../..')
const MAIN = 'services/orchestrator/main.ts'
const SECRET = 's3cr3t-aa61b5'

const servers = await withServers(t)
const orchestrator = fork(join(root, MAIN), {
  stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  env: {
    ...process.env,
    ...serverEnv(servers, userOfMain(MAIN)),
    MURMUR_PARTITIONS: '2',
    MURMUR_LOG_LEVEL: 'trace',
  },
})
t.teardown(() => stopChild(orchestrator))
let written = ''
orchestrator.stderr!.on('data', (chunk) => {
  written += chunk
})
await once(orchestrator, 'message')
const bus = await openBus(t, servers.natsUrl)
await startAgents(t, servers.natsUrl, planAgents({ undone: [], runs: new Map() }), { instance: 'logged' })

t.test('a task shows in the log with its trace, and nothing of what it was given', async (t) => {
  const input = { password: SECRET, url: `https://user:${SECRET}@example.com`, note: `Bearer ${SECRET}` }
  const plan = { steps: [{ id: 'a', agent: 'broken', input: { name: SECRET, code: 'NOT_NOW' } }] }
  const submit = { type: 'plan', plan, input, labels: { team: 'a' } }
  const { taskId } = (await bus.request(SERVICES.submitTask, submit, { timeoutMs: 10_000 })) as {
    taskId: string
  }
  t.equal((await endOfTask(bus, taskId)).status, 'failed')
  await stopChild(orchestrator)
  const lines = written
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const about = lines.filter(({ task }) => task === taskId)
  t.match(about, [
    { message: 'a task was accepted', level: 'debug', tenant: 'default', service: 'orchestrator' },
    { message: 'a task failed', level: 'info', tenant: 'default' },
  ])
  for (const line of about) {
    t.match(line.trace_id, /^[0-9a-f]{32}$/)
    t.equal(line.trace_id, about[0]!.trace_id, 'both are of one trace')
  }
  t.ok(lines.every(({ level, time, service, message }) => level && time && service && message))
  t.equal(written.split(SECRET).length - 1, 0, 'the secret is nowhere')
})
