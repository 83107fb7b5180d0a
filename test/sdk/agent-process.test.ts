import t, { type Test } from 'tap'
import type { JsonObject } from '../../schemas/json.ts'
import { openBus } from '../support/bus.ts'
import { FakeOrchestrator } from '../support/fake-orchestrator.ts'
import { withServers } from '../support/servers.ts'
import { type SteeredProcess, startSteered } from '../support/steered-process.ts'
import { until } from '../support/until.ts'

// Each has servers of its own, and nearly all its time is waiting: ack waits and graces. So all run at the same time.
t.setTimeout(180_000)
t.jobs = 4
/** A new one each: tap writes into it. */
const atOnce = () => ({ buffered: true, timeout: 180_000 })

async function open(t: Test) {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const orchestrator = await FakeOrchestrator.start(t, bus)
  return { servers, orchestrator, isEmpty: () => orchestrator.isQueueEmpty('steered') }
}

t.test('a handler that blocks the event loop for longer than the ack wait', atOnce(), async (t) => {
  const { servers, orchestrator, isEmpty } = await open(t)
  const [one, other] = await Promise.all([startSteered(t, servers), startSteered(t, servers)])
  const fromMs = performance.now()
  await orchestrator.dispatch({ taskId: 'block1', agent: 'steered', input: { mode: 'block', ms: 9000 } })
  await until('its result is there', () => orchestrator.resultOf('block1') !== undefined, 30_000)
  const began = [...one.notes, ...other.notes].filter(({ taskId }) => taskId === 'block1')
  t.equal(began.filter(({ kind }) => kind === 'began').length, 1, 'one instance has run it, once')
  const [busy] = one.has('began', 'block1') ? [one] : [other]
  const { outcome } = orchestrator.resultOf('block1')!
  t.strictSame(outcome, { kind: 'done', output: { pid: busy.child.pid! } })
  t.match(
    orchestrator.startsOf('block1'),
    [{ running: true, deliveries: 1 }],
    'that it runs is told while its event loop stands still',
  )
  const beats = orchestrator.beats.filter(({ atMs, blockedMs }) => atMs > fromMs && blockedMs !== undefined)
  t.ok(beats.length >= 5, `${beats.length} heartbeats said that it stands still`)
  t.ok(
    beats.some(({ blockedMs }) => blockedMs! > 6000),
    'and for how long',
  )
  t.match(busy.logged(), /a handler blocks the event loop/)
  t.match(busy.logged(), /block1:work:1/, 'the log names the step')
  await until('its message has left the queue', isEmpty)
  t.equal(await one.stop(), 0)
  t.equal(await other.stop(), 0)
})

t.test('five orderly roll-outs during one long step', atOnce(), async (t) => {
  const { servers, orchestrator, isEmpty } = await open(t)
  await orchestrator.dispatch({ taskId: 'rolled', agent: 'steered', input: { mode: 'hold' } })
  for (let round = 1; round <= 5; round++) {
    const agent = await startSteered(t, servers, { MURMUR_STOP_GRACE_MS: '1000' })
    await until('it runs the step', () => agent.has('began', 'rolled'), 30_000)
    const stoppedAtMs = performance.now()
    t.equal(await agent.stop(), 0, 'it stopped in order')
    t.ok(performance.now() - stoppedAtMs < 2500, 'within its grace')
    t.ok(agent.has('aborted', 'rolled'), 'the handler was told')
    t.equal(orchestrator.released.filter(({ taskId }) => taskId === 'rolled').length, round)
  }
  const last = await startSteered(t, servers)
  const startedAtMs = performance.now()
  await until('it runs the step', () => last.has('began', 'rolled'), 30_000)
  t.ok(performance.now() - startedAtMs < 3000, 'it was handed over at once, not after the ack wait')
  last.child.send('finish')
  await until('its result is there', () => orchestrator.resultOf('rolled') !== undefined)
  const results = orchestrator.results.filter(({ taskId }) => taskId === 'rolled')
  t.match(results, [{ attempt: 1, outcome: { kind: 'done' } }])
  t.equal(results.length, 1)
  await until('its message has left the queue', isEmpty)
  t.equal(await last.stop(), 0)
})

t.test('a handler that heeds its signal when the instance stops has not failed', atOnce(), async (t) => {
  const { servers, orchestrator } = await open(t)
  await orchestrator.dispatch({ taskId: 'heeded', agent: 'steered', input: { mode: 'heed' } })
  const agent = await startSteered(t, servers, { MURMUR_STOP_GRACE_MS: '2500' })
  await until('it runs the step', () => agent.has('began', 'heeded'))
  t.equal(await agent.stop(), 0)
  t.equal(orchestrator.resultOf('heeded'), undefined, 'no attempt is burnt')
  t.match(
    orchestrator.released.filter(({ taskId }) => taskId === 'heeded'),
    [{ attempt: 1 }],
  )
  const next = await startSteered(t, servers)
  await until('another has it', () => next.has('began', 'heeded'))
  next.child.send('finish')
  await until('its result is there', () => orchestrator.resultOf('heeded') !== undefined)
})

t.test('a neighbour that takes the process down is found, the others only run again', atOnce(), async (t) => {
  const { servers, orchestrator, isEmpty } = await open(t)
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
