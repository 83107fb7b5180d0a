import { Redis as Client } from 'ioredis'
import t from 'tap'
import { z } from 'zod'
import { defineAgent } from '../../services/sdk/define-agent.ts'
import { done } from '../../services/sdk/outcome.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// North has as many cameras as it may have. Its next monitor is refused, others go on, and nothing makes the count wrong.

t.setTimeout(120_000)
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: '2',
  MURMUR_TENANT_CAMERAS: '2',
  MURMUR_TENANT_CAMERAS_OF: 'wide=50',
})
const bus = await openBus(t, servers.natsUrl)
/** Holds its camera until it is called back, as that of a monitor does. */
const capture = defineAgent({
  name: 'capture',
  version: '1.0.0',
  input: z.json(),
  output: z.json(),
  interruptible: true,
  async handle(_input, { signal }) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    return done(null)
  },
})
await startAgents(t, servers.natsUrl, [capture])
const admin = new Client(servers.redisUrl)
t.teardown(() => admin.disconnect())

const as = (tenant: string) => ({ tenant, timeoutMs: 10_000 })
const step = (id = 'a') => ({ id, agent: 'capture', input: {} })
const submit = async (tenant: string, steps: object[] = [step()], more: object = {}): Promise<string> =>
  (await bus.call('submitTask', { type: 'plan', plan: { steps }, ...more } as never, as(tenant))).taskId
const cancel = (tenant: string, taskId: string) => bus.call('cancelTask', { taskId }, as(tenant))
const cameras = async (tenant: string) => (await bus.call('getUsage', {}, as(tenant))).usage.cameras
const REFUSAL = { code: 'QUOTA_EXCEEDED', message: /2 cameras in use, 2 may be/, retryAfterMs: Number }

t.test('the next one is refused, those of others are not; one that ends makes room', async (t) => {
  const [first] = await Promise.all([submit('north'), submit('north')])
  await t.rejects(submit('north'), REFUSAL)
  await t.rejects(submit('north', [step()], { delayMs: 600_000 }), REFUSAL, 'nor for later')
  const child = { id: 'c', task: { type: 'plan', plan: { steps: [step()] } } }
  await t.rejects(submit('north', [child]), REFUSAL, 'nor as a child')
  await submit('south')
  await submit('wide', [{ ...step(), forEach: { items: [1, 2, 3], concurrency: 40 } }])
  t.strictSame(await cameras('wide'), { used: 40, limit: 50 })
  t.strictSame(await cameras('north'), { used: 2, limit: 2 })
  await cancel('north', first)
  await until('there is room', async () => (await cameras('north'))?.used === 1)
  await submit('north')
  t.strictSame(await cameras('north'), { used: 2, limit: 2 })
})

t.test('a child has the camera that its task was let in with', async (t) => {
  const child = { id: 'c', task: { type: 'plan', plan: { steps: [step()] } } }
  const taskId = await submit('family', [child])
  await until('the child runs', async () => {
    const { tasks } = await bus.call('listTasks', { limit: 10 }, as('family'))
    return tasks.length === 2 && tasks.every(({ status }) => status === 'running')
  })
  t.equal((await cameras('family'))?.used, 1)
  await cancel('family', taskId)
  await until('both are over', async () => (await cameras('family'))?.used === 0)
})

t.test('a task under a debounce key can not grow behind the quota', async (t) => {
  const debounce = { key: 'k', delayMs: 60_000 }
  const taskId = await submit('sly', [step()], { debounce })
  t.equal(await submit('sly', [step('other')], { debounce }), taskId, 'as many')
  await t.rejects(submit('sly', [step(), step('b')], { debounce }), { code: 'INVALID_SUBMISSION', taskId })
  t.equal((await cameras('sly'))?.used, 1)
})

t.test('what Redis has lost is counted again from the log', async (t) => {
  await admin.flushall()
  await until('the store has them again', async () => {
    const held = await Promise.all([0, 1].map((p) => admin.hvals(`murmur:{p${p}}:cameras`)))
    return held.flat().toSorted().join() === '1 north,1 north,1 sly,1 south,40 wide'
  })
  await until('the quota knows', async () => {
    const counts = await Promise.all(['north', 'south', 'wide', 'sly'].map(cameras))
    return JSON.stringify(counts.map((one) => one?.used)) === '[2,1,40,1]'
  })
  await t.rejects(
    settled(() => submit('north')),
    REFUSAL,
  )
  const { tasks } = await settled(() => bus.call('listTasks', { limit: 10 }, as('north')))
  for (const { id, status } of tasks) if (status === 'running') await cancel('north', id)
  await until('none is left', async () => (await cameras('north'))?.used === 0)
  await submit('north')
})

/** While a partition is read from the log again, what asks about its tasks is told to come back. */
async function settled<T>(ask: () => Promise<T>): Promise<T> {
  let last: Promise<T> | undefined
  await until('the partition answers', async () => {
    last = ask()
    const error = await last.then(
      () => undefined,
      (reason: { code?: string }) => reason,
    )
    return error?.code !== 'UNAVAILABLE'
  })
  return last!
}
