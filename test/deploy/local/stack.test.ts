import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SERVICES } from '#subjects/operations.ts'
import { readServersRecord } from '../../../deploy/local/servers/data-folder.ts'
import { startLocalStack } from '../../../deploy/local/stack.ts'
import { openBus } from '../../support/bus.ts'
import { endOfTask } from '../../support/services.ts'
import { until } from '../../support/until.ts'

t.setTimeout(120_000)

t.test('the stack goes on when NATS and Redis are killed under it', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'murmur-kept-stack-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const said: string[] = []
  const agent = new URL('../../support/chaos-agent.ts', import.meta.url).pathname
  const stack = await startLocalStack({
    home,
    agentMains: [agent],
    report: (line) => said.push(line),
    env: { ...process.env, MURMUR_LOG_LEVEL: 'error' },
  })
  t.teardown(() => stack.stop())
  const { servers } = readServersRecord(join(home, 'data'))!
  const bus = await openBus(t, stack.natsUrl)
  const submit = async () => {
    const input = { value: 1, times: 2, plus: 3, workMs: 50 }
    const plan = { type: 'plan', plan: { steps: [{ id: 'a', agent: 'chaos', input }] } }
    const receipt = await bus.request(SERVICES.submitTask, plan, { timeoutMs: 5000 })
    return (receipt as { taskId: string }).taskId
  }
  const earlier = await submit()
  for (const { pid } of servers) process.kill(pid, 'SIGKILL')
  await until(
    'both are told to be back',
    () => said.filter((line) => line.includes('is up again')).length >= 2,
    20_000,
  )
  t.match(said.join('\n'), /nats-server ended unasked[\s\S]*Starting it again in/)
  let later: string | undefined
  await until(
    'a submission is taken',
    async () => {
      later = await submit().catch(() => undefined)
      return later !== undefined
    },
    30_000,
  )
  for (const id of [earlier, later!]) t.match(await endOfTask(bus, id, 60_000), { status: 'completed' })
})
