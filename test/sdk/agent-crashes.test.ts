import t from 'tap'
import type { JsonObject } from '../../schemas/json.ts'
import { openBus } from '../support/bus.ts'
import { FakeOrchestrator } from '../support/fake-orchestrator.ts'
import { withServers } from '../support/servers.ts'
import { type SteeredProcess, startSteered } from '../support/steered-process.ts'
import { until } from '../support/until.ts'

t.setTimeout(180_000)

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const orchestrator = await FakeOrchestrator.start(t, bus)

const isEmpty = async () => {
  const depth = await bus.consumers.depth('STEPS', 'steered-p1')
  return depth?.waiting === 0 && depth.inWork === 0
}

t.test('a neighbour that takes the process down is found, the others only run again', async (t) => {
  const innocent = ['calm1', 'calm2', 'calm3']
  for (const taskId of ['calm1', 'calm2', 'killer', 'calm3']) {
    const input: JsonObject = taskId === 'killer' ? { mode: 'die', ms: 300 } : { mode: 'hold' }
    await orchestrator.dispatch({ taskId, agent: 'steered', input })
  }
  let crashed = false
  const last = new Map<string, { bornAtMs: number; alone: boolean }>()
  orchestrator.verdictOf = (step) => {
    const before = last.get(step.taskId)
    last.set(step.taskId, step)
    // Evidence: the process that had it before had nothing else in hand, and is gone.
    if (before?.alone !== true || before.bornAtMs === step.bornAtMs) return { verdict: 'run' }
    // Those who ended each of the processes are known to the test: who else is accused is innocent.
    t.equal(step.taskId, 'killer', `the accused is the one who did it, after ${step.deliveries} deliveries`)
    crashed = true
    return { verdict: 'drop', reason: 'crashed' }
  }
  const deaths: SteeredProcess[] = []
  while (!crashed && deaths.length < 8) {
    const agent = await startSteered(t, servers)
    await until('it dies or is told', () => crashed || agent.child.signalCode !== null, 60_000)
    if (crashed) {
      agent.child.send('finish')
      await until('the innocent end', () => innocent.every((taskId) => orchestrator.resultOf(taskId)), 60_000)
    }
    deaths.push(agent)
  }
  t.ok(crashed, `there was evidence after ${deaths.length} processes`)
  for (const taskId of innocent)
    t.match(orchestrator.resultOf(taskId), { attempt: 1, outcome: { kind: 'done' } })
  await until('the queue is empty', isEmpty)
})
