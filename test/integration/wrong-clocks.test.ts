import t, { type Test } from 'tap'
import type { AgentView } from '../../schemas/agent.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const HOUR_MS = 3_600_000
const SHIFT = new URL('../support/shifted-clock.mjs', import.meta.url).href
t.setTimeout(120_000)
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)

/** @returns where its metrics are */
async function startOrchestrator(t: Pick<Test, 'teardown'>, wrongByMs: number): Promise<string> {
  const child = await startService(t, servers, 'services/orchestrator/main.ts', {
    NODE_OPTIONS: `--import ${SHIFT}`,
    SHIFT_CLOCK_MS: String(wrongByMs),
    MURMUR_PARTITIONS: '4',
    MURMUR_LOG_LEVEL: 'fatal',
  })
  return `http://127.0.0.1:${factsOf(child).httpPort}/metrics`
}

// It waits for an orchestrator, and outlives those of each test.
const agent = startService(t, servers, 'test/support/chaos-agent.ts')

async function submit(workMs: number, about: object = {}): Promise<string> {
  const input = { value: 1, times: 2, plus: 3, workMs }
  const submission = {
    type: 'plan',
    plan: { steps: [{ id: 'a', agent: 'chaos', input, timeoutMs: 30_000 }] },
  }
  const receipt = await bus.request(SERVICES.submitTask, { ...submission, ...about }, { timeoutMs: 5000 })
  return (receipt as { taskId: string }).taskId
}

async function skewSeconds(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  return Number(/^murmur_clock_skew_seconds (\S+)$/m.exec(text)?.[1])
}

t.test('one orchestrator an hour ahead, one an hour behind', async (t) => {
  const shifts = [HOUR_MS, -HOUR_MS]
  const metrics = await Promise.all(shifts.map((shift) => startOrchestrator(t, shift)))
  await agent
  for (const [i, shift] of shifts.entries())
    t.ok(Math.abs((await skewSeconds(metrics[i]!)) * 1000 - shift) < 1000, 'it is measured')

  // So many that every orchestrator has some, and that all find a free slot.
  const late = await Promise.all(Array.from({ length: 6 }, () => submit(6000, { deadlineMs: 5000 })))
  const fine = await Promise.all(Array.from({ length: 6 }, () => submit(3000, { deadlineMs: 60_000 })))
  const delayed = await submit(1, { delayMs: 1000, deadlineMs: 60_000 })
  for (const id of fine) t.match(await endOfTask(bus, id), { status: 'completed' })
  const begun = await endOfTask(bus, delayed)
  t.equal(begun.status, 'completed')
  const waitedMs = begun.finishedAtMs! - begun.createdAtMs
  t.ok(waitedMs >= 950 && waitedMs < 10_000, `started after its delay: ${waitedMs} ms`)
  for (const id of late) {
    const { error, createdAtMs, finishedAtMs } = await endOfTask(bus, id)
    t.equal(error?.code, 'DEADLINE_EXCEEDED')
    const tookMs = finishedAtMs! - createdAtMs
    // The broker's time is known but for half of a round trip.
    t.ok(tookMs >= 4950 && tookMs <= 10_000, `${tookMs} ms`)
  }
  const agents = async () =>
    ((await bus.request(SERVICES.listAgents, {}, { timeoutMs: 5000 })) as { agents: AgentView[] }).agents
  await until('the agent is known to be alive by whoever is asked', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, agents))
    return answers.every((list) => list.some(({ type, status }) => type === 'chaos' && status === 'ready'))
  })
})
