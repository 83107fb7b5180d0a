import type { JsonObject } from '#schemas/json.ts'
import { until } from '../../support/until.ts'
import type { ConformanceCase } from './cases.ts'
import type { Answer, Transport } from './transport.ts'

/** One for each transport: they change theirs at the same time. */
const agentOf = ({ name }: Transport) => `policies-${name.toLowerCase()}`

/** Without what differs between those types. */
function sameOf(transport: Transport, answer: Answer): JsonObject {
  return JSON.parse(
    JSON.stringify(answer, (name, value) => (name === 'updatedAtMs' ? typeof value : value)).replaceAll(
      agentOf(transport),
      'AGENT',
    ),
  )
}

const FULL: JsonObject = {
  strategy: 'least-loaded',
  paused: true,
  pausedTenants: ['acme'],
  concurrency: 20,
  tenantConcurrency: 5,
  concurrencyOf: { acme: 7 },
  keyConcurrency: 1,
  perSecond: 12.5,
  keyPerSecond: 0.5,
  keyLabel: 'customer',
  stickyPath: 'model.name',
  weights: { acme: 2.5 },
  versions: { '1.x': 95, '2.x': 5 },
  breaker: {
    windowMs: 60_000,
    maxCalls: 100,
    minCalls: 50,
    failureRate: 0.5,
    slowRate: 0.9,
    slowMs: 1000,
    openMs: 5000,
    maxOpenMs: 60_000,
  },
}

export const AGENT_POLICY_CASES: readonly ConformanceCase[] = [
  {
    name: 'policies of agents: every field of one, changed, taken away, and shown',
    async run(transport) {
      const agent = agentOf(transport)
      const set = async (about: JsonObject) =>
        sameOf(transport, await transport.ask('setAgentPolicy', { agent, ...about }))
      const shown = async () => sameOf(transport, await transport.ask('getAgentPolicies', { agent }))
      return [
        await shown(),
        await set({ set: FULL }),
        await shown(),
        await set({ set: { concurrency: 3 }, unset: ['weights', 'versions', 'breaker', 'pausedTenants'] }),
        await set({ unset: Object.keys(FULL).filter((name) => name !== 'concurrency') }),
        await shown(),
      ]
    },
  },
  {
    name: 'policies of agents: what is refused',
    async run(transport) {
      const agent = agentOf(transport)
      return [
        sameOf(transport, await transport.ask('setAgentPolicy', { agent, set: { strategy: 'fastest' } })),
        sameOf(transport, await transport.ask('setAgentPolicy', { agent, set: { concurrency: 0 } })),
        sameOf(transport, await transport.ask('setAgentPolicy', { agent, set: { versions: { new: 1 } } })),
        sameOf(transport, await transport.ask('setAgentPolicy', { agent, unset: ['colour'] })),
        sameOf(transport, await transport.ask('setAgentPolicy', { agent: 'a.b', set: {} })),
        sameOf(transport, await transport.ask('getAgentPolicies', { agent: 'a.b' })),
      ]
    },
  },
  {
    name: 'types of tasks: paused, shown, let go on, and what is refused',
    async run(transport) {
      const name = agentOf(transport)
      const set = async (about: JsonObject) =>
        sameOf(transport, await transport.ask('setTaskTypePause', { name, ...about }))
      // Others pause theirs at the same time.
      const shown = async () => {
        const answer = await transport.ask('listTaskTypePauses', {})
        const all = answer.ok ? (answer.body.paused as JsonObject[] | undefined) : undefined
        const own = (all ?? []).filter((one) => one.name === name)
        return own.map(({ sinceMs, ...one }) => ({
          ...one,
          name: 'NAME',
          waiting: one.waiting ?? 0,
          sinceMs: Number(sinceMs) > 0,
        }))
      }
      return [
        await shown(),
        await set({ paused: true, reason: 'the warehouse is moved' }),
        await shown(),
        await set({ paused: false }),
        await shown(),
        sameOf(transport, await transport.ask('setTaskTypePause', { name: 'a.b', paused: true })),
        await set({ paused: true, reason: 'x'.repeat(1001) }),
      ] as never
    },
  },
  {
    name: 'an instance: drained, shown, let go on, and what is refused',
    async run(transport) {
      // One for each transport: they drain theirs at the same time.
      const agent = `noop-${'abc'[['NATS', 'REST', 'gRPC'].indexOf(transport.name)]}`
      const find = async () => {
        const answer = await transport.ask('listAgents', {})
        const { agents = [], drains = [] } = (answer.ok ? answer.body : {}) as Record<string, JsonObject[]>
        return {
          found: agents.find(({ type }) => type === agent),
          drained: drains.filter((one) => one.agent === agent),
        }
      }
      const instance = (await find()).found?.instance ?? null
      const plain = <Value>(value: Value) =>
        JSON.parse(
          JSON.stringify(value).replaceAll(`"${agent}"`, '"AGENT"').replaceAll(agent, 'AGENT'),
        ) as Value
      const set = async (about: JsonObject) =>
        plain(await transport.ask('setInstanceDrain', { agent, instance, ...about }))
      const reaches = async (status: string) => {
        await until(`it is ${status}`, async () => (await find()).found?.status === status)
        const { found, drained } = await find()
        return plain({ drain: found?.drain ?? null, drained })
      }
      return [
        await set({ drain: true, reason: 'more memory' }),
        await reaches('drained'),
        await set({ drain: true }),
        await set({ drain: false }),
        await reaches('ready'),
        await set({ drain: false }),
        await set({ drain: true, instance: 'nobody' }),
        await set({ drain: true, instance: 'a.b' }),
        await set({ drain: true, reason: 'x'.repeat(201) }),
      ] as never
    },
  },
  {
    name: 'what waits, by agent and tenant',
    async run(transport) {
      // Others have steps at the same time: what there is has the same form.
      const answer = await transport.ask('listQueueLoads', {})
      const queues = answer.ok ? (answer.body.queues as JsonObject[]) : []
      return [
        { ok: answer.ok, hasTime: answer.ok && Number(answer.body.atMs) > 0 },
        ...queues.slice(0, 1).map(({ agent, held = 0, queued = 0, inWork = 0 }) => ({
          types: [typeof agent, Number(held) >= 0, Number(queued) >= 0, Number(inWork) >= 0],
        })),
      ] as never
    },
  },
  {
    name: 'what the audit of the log has found',
    async run(transport) {
      const answer = await transport.ask('getIntegrity', {})
      const found = answer.ok ? (answer.body.integrity as JsonObject | undefined) : undefined
      const { lost = 0, doubled = 0, violations = 0, recent = [], sinceMs, instance } = found ?? {}
      return [
        { ok: answer.ok, lost, doubled, violations, recent },
        { isSaid: Number(sinceMs) > 0 && typeof instance === 'string' },
      ] as never
    },
  },
  {
    name: 'partitions of the log: shown, what would be, and what is refused',
    async run(transport) {
      const grow = (about: JsonObject) => transport.ask('growPartitions', about)
      const still = (answer: Answer): Answer =>
        JSON.parse(
          JSON.stringify(answer, (name, value) =>
            name === 'active' || name === 'fromMs' ? typeof value : value,
          ),
        ) as Answer
      return [
        still(await transport.ask('getPartitions', {})),
        still(await grow({ to: 64, dryRun: true })),
        await grow({ to: 1 }),
        await grow({ to: 0 }),
        await grow({ to: 257 }),
      ] as never
    },
  },
]
