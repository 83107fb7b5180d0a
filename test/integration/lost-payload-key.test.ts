import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const keyFile = join(t.testdir({}), 'payload-keys')
const newKey = () => randomBytes(32).toString('base64')
const lineOf = (id: string, tenant: string) => `${id} ${tenant} ${newKey()}\n`
const start = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PAYLOAD_KEYS: keyFile,
    MURMUR_PARTITIONS: '1',
  })
const submit = async (tenant: string, restMs: number) => {
  const plan = { steps: [{ id: 'rest', sleep: { ms: restMs } }] }
  const request = { type: 'plan', plan, input: { text: tenant } }
  return (await bus.call('submitTask', request, { tenant })).taskId
}
const stateOf = async (tenant: string, taskId: string) =>
  (await bus.call('getTask', { taskId }, { tenant })).task
const others = lineOf('a', 'other')
writeFileSync(keyFile, lineOf('a', 'acme') + others)

t.test(
  'a key that stops a partition is named by readiness and a metric; given up, its tasks end and all others go on',
  async (t) => {
    let orchestrator = await start()
    const [waiting, held] = [await submit('acme', 3000), await submit('other', 3500)]
    await Promise.all([stateOf('acme', waiting), stateOf('other', held)])
    await stopChild(orchestrator)
    writeFileSync(keyFile, others)
    orchestrator = await start()
    const health = `http://127.0.0.1:${factsOf(orchestrator).httpPort}`
    const metrics = async () => (await fetch(`${health}/metrics`)).text()
    await until(
      'its timer has come',
      async () => /^murmur_partitions_without_key 1$/m.test(await metrics()),
      20_000,
    )
    t.match(await metrics(), /^murmur_partitions_refused 0$/m, 'it is no other version')
    const ready = await fetch(`${health}/readyz`)
    t.equal(ready.status, 503)
    const said = await ready.text()
    t.match(said, 'stands still for want of a key of payloads')
    t.match(
      said,
      /key \\?"a\\?" for payloads of tenant \\?"acme\\?" is not here|no key for payloads of tenant/,
    )
    t.match(said, 'MURMUR_PAYLOAD_KEYS')
    t.not((await stateOf('other', held)).status, 'completed', 'others are held up, too')

    writeFileSync(keyFile, `${others}${lineOf('b', 'acme')}a acme lost\n`)
    await until('it goes on', async () => (await fetch(`${health}/readyz`)).status === 200, 20_000)
    t.match(await endOfTask(bus, held, 30_000, 'other'), { status: 'completed' })
    await until('its task ends', async () => {
      const task = await stateOf('acme', waiting).catch(() => undefined)
      return task?.status === 'failed' && task.error?.code === 'TASK_QUARANTINED'
    })
    const next = await submit('acme', 1)
    await until('it takes new tasks', async () => (await stateOf('acme', next)).status === 'completed')
    t.match(await metrics(), /^murmur_partitions_without_key 0$/m)
  },
)
