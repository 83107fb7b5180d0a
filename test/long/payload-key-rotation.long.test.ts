import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { partitionOf } from '#subjects/subjects.ts'
import {
  addPayloadKey,
  newPayloadKeys,
  payloadKeysForTenant,
  rewriteKeys,
  usePayloadKey,
} from '../../deploy/nats/payload-keys.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

// The drill of docs/operations.md, with the command's functions on files of three processes, on a system that goes on working.

const PARTITIONS = 1
const NOW_MS = Date.UTC(2026, 10, 29)
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const redis = new Redis(servers.redisUrl)
t.teardown(() => redis.disconnect())
const folder = t.testdir({})
const whole = join(folder, 'payload-keys')
const ofAcme = join(folder, 'payload-keys.acme')
writeFileSync(whole, newPayloadKeys(NOW_MS, { id: 'first' }))
writeFileSync(ofAcme, payloadKeysForTenant(readFileSync(whole, 'utf8'), 'acme'))
const orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PAYLOAD_KEYS: whole,
  MURMUR_PARTITIONS: String(PARTITIONS),
})
const startAgent = (keys: string) =>
  startService(t, servers, 'test/support/marking-agent.ts', { MURMUR_PAYLOAD_KEYS: keys })
const agentOfAcme = await startAgent(ofAcme)

const submit = async (tenant: string, text: string) => {
  const plan = { steps: [{ id: 'only', agent: 'echo', input: { text } }] }
  return (await bus.call('submitTask', { type: 'plan', plan }, { tenant })).taskId
}
const completed = async (tenant: string, text: string) => {
  const taskId = await submit(tenant, text)
  const task = await endOfTask(bus, taskId, undefined, tenant)
  t.match(task, { status: 'completed', output: { only: { text } } })
  return taskId
}
const keyOf = async (taskId: string) => {
  const stored = await redis.get(`murmur:{p${partitionOf(taskId, PARTITIONS)}}:definition:${taskId}`)
  return /"sealed":"([\w-]+)\./.exec(stored ?? '')?.[1]
}

t.test('keys are changed while tasks run: added, used, handed to the agent of one tenant', async (t) => {
  const before = await completed('acme', 'before')
  t.equal(await keyOf(before), 'first')

  const { text, added } = addPayloadKey(readFileSync(whole, 'utf8'), NOW_MS, { id: 'second' })
  rewriteKeys(whole, text)
  rewriteKeys(ofAcme, payloadKeysForTenant(text, 'acme'))
  t.equal(await keyOf(await completed('acme', 'meanwhile')), 'first', 'it is there, and encrypts nothing')

  rewriteKeys(whole, usePayloadKey(text, added))
  await until('it encrypts', async () => (await keyOf(await completed('acme', 'after'))) === 'second', 20_000)
  rewriteKeys(ofAcme, payloadKeysForTenant(readFileSync(whole, 'utf8'), 'acme'))
  await completed('acme', 'at the end')
  const { task } = await bus.call('getTask', { taskId: before }, { tenant: 'acme' })
  t.match(task, { output: { only: { text: 'before' } } }, 'what the first one has encrypted is read')
})

t.test(
  'the agent that has the keys of one tenant leaves the steps of others to those who have theirs',
  async (t) => {
    const taskId = await submit('other', 'not for acme')
    await completed('acme', 'in between')
    const { task } = await bus.call('getTask', { taskId }, { tenant: 'other' })
    t.equal(task.steps.only?.status, 'dispatched')
    await stopChild(agentOfAcme)
    await startAgent(whole)
    t.match(await endOfTask(bus, taskId, undefined, 'other'), { status: 'completed' })
    t.equal(orchestrator.exitCode, null)
  },
)
