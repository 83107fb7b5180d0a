import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { type AgentPolicy, DEFAULT_POLICY } from '../../../services/orchestrator/dispatch/agent-policy.ts'
import {
  Dispatcher,
  type Transition,
  type WaitingStep,
} from '../../../services/orchestrator/dispatch/dispatcher.ts'
import { NO_LIMITS } from '../../../services/orchestrator/dispatch/queue-limits.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { heartbeatOf } from '../../support/dispatch-fixture.ts'
import { dispatchedTask } from '../../support/emitter-fixture.ts'

const limitedTo = (concurrency: number): AgentPolicy => ({
  ...DEFAULT_POLICY,
  limits: { ...NO_LIMITS, concurrency },
})

function fixture(about: { policy?: AgentPolicy; maxWaiting?: number } = {}) {
  const clock = createManualClock()
  const transitions: Transition[] = []
  let waiting = 0
  const given = { policy: about.policy ?? DEFAULT_POLICY }
  const dispatcher = new Dispatcher({
    clock,
    brokerNowMs: clock.nowMs,
    orchestrators: () => 1,
    ...(about.maxWaiting !== undefined && { maxWaiting: about.maxWaiting }),
    policyOf: () => given.policy,
    onTransition: (transition) => transitions.push(transition),
    count: {
      add: (_, change) => {
        waiting += change
      },
    },
  })
  t.teardown(() => dispatcher.stop())
  const released: string[] = []
  const step = (taskId: string, more: Partial<WaitingStep> = {}): WaitingStep => ({
    id: `${taskId}:a:1`,
    taskId,
    stepId: 'a',
    attempt: 1,
    agent: 'x',
    partition: 0,
    seq: 1,
    tenant: 'default',
    taskType: 'plan',
    key: '',
    priority: 1,
    isGone: false,
    state: dispatchedTask(taskId, { agent: 'x' }),
    release: ({ taskId: id }) => released.push(id),
    ...more,
  })
  const result = (taskId: string, kind: 'done' | 'retry' = 'done', instance = 'i1') =>
    dispatcher.onResult({
      v: 1,
      taskId,
      stepId: 'a',
      attempt: 1,
      instance,
      startedAtMs: 0,
      finishedAtMs: 10,
      outcome: kind === 'done' ? { kind, output: 1 } : { kind, error: { code: 'STEP_FAILED', message: 'x' } },
    })
  return { clock, dispatcher, released, step, result, transitions, given, waiting: () => waiting }
}

const ended = (taskId: string, step: Partial<TaskState['steps'][string]>): TaskState =>
  dispatchedTask(taskId, { agent: 'x', steps: { a: { status: 'cancelled', attempt: 1, ...step } } })

t.test('without limits everything goes at once; the same again is no other', async (t) => {
  const { dispatcher, step, waiting, released } = fixture()
  for (let i = 0; i < 900; i++) t.equal(dispatcher.offer(step(`t${i}`)), 'go')
  t.equal(dispatcher.offer(step('t1')), 'go')
  t.equal(waiting(), 0)
  t.match(dispatcher.agents(), [['x', { out: 900, waiting: 0 }]])
  t.strictSame(released, [], 'who goes at once is told by the answer')
})

t.test('what is above the limit waits, and goes in order as others end', async (t) => {
  const { dispatcher, step, result, released, waiting } = fixture({ policy: limitedTo(2) })
  const turns = ['t0', 't1', 't2', 't3', 't4'].map((id) => dispatcher.offer(step(id)))
  t.strictSame(turns, ['go', 'go', 'waits', 'waits', 'waits'])
  t.equal(dispatcher.offer(step('t3')), 'waits', 'known already')
  t.match(
    [...dispatcher.steps()].map(({ isOut }) => isOut),
    [true, true, false, false, false],
  )
  t.equal(waiting(), 3)
  result('t1')
  t.strictSame(released, ['t2'])
  result('t1')
  t.strictSame(released, ['t2'], 'a result that comes twice frees one slot')
  dispatcher.onTask(ended('t3', {}), 0)
  dispatcher.onTask(ended('t0', { status: 'backoff', error: { code: 'STEP_TIMEOUT', message: '' } }), 0)
  t.strictSame(released, ['t2', 't4'], 'one whose task ended while it waited is passed over')
  t.equal(waiting(), 0)
})

t.test('with heartbeats only a little more is out than there are slots', async (t) => {
  const { dispatcher, step } = fixture()
  dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 4 }))
  dispatcher.onHeartbeat(heartbeatOf('x', 'i2', { capacity: 4 }))
  const turns = Array.from({ length: 100 }, (_, i) =>
    dispatcher.offer(step(`t${i}`, { tenant: i % 2 === 0 ? 'a' : 'b' })),
  )
  const out = turns.filter((turn) => turn === 'go').length
  t.ok(out >= 8 && out <= 16, `${out} of 100 with 8 slots`)
})

t.test('a trickle overtakes a flood that waits', async (t) => {
  const { dispatcher, step, result, released } = fixture({ policy: limitedTo(1) })
  for (let i = 0; i < 50; i++) dispatcher.offer(step(`f${i}`, { tenant: 'flood' }))
  dispatcher.offer(step('only', { tenant: 'trickle' }))
  result('f0')
  t.strictSame(released, ['only'])
})

t.test('a breaker opens, holds work without an attempt, and lets it out in stages', async (t) => {
  const { clock, dispatcher, step, result, released, transitions } = fixture()
  dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 100 }))
  for (let i = 0; i < 60; i++) {
    dispatcher.offer(step(`bad${i}`))
    result(`bad${i}`, 'retry')
  }
  t.ok(transitions.some(({ state, instance }) => state === 'open' && instance === undefined))
  const turns = Array.from({ length: 40 }, (_, i) => dispatcher.offer(step(`w${i}`)))
  t.ok(turns.every((turn) => turn === 'waits'))
  for (let i = 0; i < 200 && released.length === 0; i++) {
    dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 100 }))
    await clock.advance(50)
  }
  const sizes: number[] = []
  for (let done = 0; done < released.length; ) {
    const stage = released.slice(done)
    sizes.push(stage.length)
    done += stage.length
    for (const id of stage) result(id)
  }
  t.strictSame(sizes, [1, 2, 4, 8, 25])
  t.equal(released[0], 'w0', 'in order')
  t.match(dispatcher.agents(), [['x', { waiting: 0, out: 0, breaker: { state: 'closed' } }]])
})

t.test('who loses a partition forgets what it wanted, and frees its slots', async (t) => {
  const { dispatcher, step, released, waiting } = fixture({ policy: limitedTo(1) })
  dispatcher.offer(step('a', { partition: 1 }))
  dispatcher.offer(step('b', { partition: 1 }))
  dispatcher.offer(step('c', { partition: 2 }))
  dispatcher.forgetPartition(1)
  t.strictSame(released, ['c'])
  t.equal(waiting(), 0)
})

t.test('a policy that changes while work waits counts from then on', async (t) => {
  const { clock, dispatcher, step, released, given } = fixture({
    policy: { ...DEFAULT_POLICY, limits: { ...NO_LIMITS, paused: true } },
  })
  for (const id of ['a', 'b', 'c']) t.equal(dispatcher.offer(step(id)), 'waits')
  await clock.advance(1000)
  t.strictSame(released, [])
  given.policy = limitedTo(2)
  await clock.advance(100)
  t.strictSame(released, ['a', 'b'])
})

t.test('a rate lets out what its time has come for', async (t) => {
  const { clock, dispatcher, step, released } = fixture({
    policy: { ...DEFAULT_POLICY, limits: { ...NO_LIMITS, perSecond: 2 } },
  })
  for (let i = 0; i < 6; i++) dispatcher.offer(step(`t${i}`))
  t.strictSame(released, [])
  await clock.advance(1100)
  t.strictSame(released, ['t2', 't3'])
})

t.test(
  'a tenant that had work a moment ago is remembered: little is sent ahead of its next step',
  async (t) => {
    const policy = {
      ...DEFAULT_POLICY,
      limits: { ...NO_LIMITS, concurrencyOf: new Map([['default', 1000]]) },
    }
    const { clock, dispatcher, step, result } = fixture({ policy })
    dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 8 }))
    const sendAll = (prefix: string) =>
      Array.from({ length: 30 }, (_, i) => dispatcher.offer(step(`${prefix}${i}`))).filter(
        (turn) => turn === 'go',
      ).length
    t.equal(sendAll('alone'), 16, 'one tenant alone: twice the slots')
    for (let i = 0; i < 30; i++) result(`alone${i}`)
    dispatcher.offer(step('other', { tenant: 'trickle' }))
    result('other')
    await clock.advance(10_000)
    dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 8 }))
    t.equal(sendAll('again'), 10, 'a quarter more than the slots')
  },
)

t.test(
  'a paused type: its steps wait, those of others go, and what waited in a queue keeps its place',
  async (t) => {
    const { dispatcher, step, result, released, waiting } = fixture({ policy: limitedTo(1) })
    t.equal(dispatcher.offer(step('out', { taskType: 'report' })), 'go', 'what is out runs on')
    t.equal(dispatcher.offer(step('queued', { taskType: 'report' })), 'waits')
    t.equal(dispatcher.offer(step('other')), 'waits')
    dispatcher.pauseTypes(new Set(['report', 'notes']))
    t.equal(dispatcher.offer(step('late', { taskType: 'report' })), 'waits')
    t.equal(dispatcher.offer(step('template', { template: 'notes@3' })), 'waits')
    t.equal(dispatcher.offer(step('late', { taskType: 'report' })), 'waits', 'the same again is no other')
    t.strictSame([dispatcher.heldOf('report'), dispatcher.heldOf('notes'), waiting()], [2, 1, 1])
    result('out')
    t.strictSame(released, ['other'])
    dispatcher.onTask(ended('late', {}), 0)
    t.equal(dispatcher.heldOf('report'), 1, 'one whose task has ended is held no longer')
    dispatcher.pauseTypes(new Set(['notes']))
    t.strictSame([released, waiting()], [['other'], 1])
    result('other')
    t.strictSame(released, ['other', 'queued'])
    dispatcher.pauseTypes(new Set())
    result('queued')
    t.strictSame(released, ['other', 'queued', 'template'])
    result('template')
    t.strictSame([dispatcher.heldOf('notes'), waiting(), dispatcher.offer(step('new'))], [0, 0, 'go'])
  },
)

t.test('paused and resumed before its turn came: sent once; what is held takes nobody’s place', async (t) => {
  const { dispatcher, step, result, released, waiting } = fixture({ policy: limitedTo(1) })
  dispatcher.offer(step('out'))
  dispatcher.offer(step('a', { taskType: 'report' }))
  dispatcher.offer(step('b'))
  for (let i = 0; i < 3; i++) {
    dispatcher.pauseTypes(new Set(['report']))
    dispatcher.pauseTypes(new Set())
  }
  t.equal(waiting(), 2)
  result('out')
  result('a')
  t.strictSame(released, ['a', 'b'], 'in their order')
  dispatcher.pauseTypes(new Set(['report']))
  for (let i = 0; i < 10; i++) dispatcher.offer(step(`h${i}`, { taskType: 'report' }))
  dispatcher.forgetPartition(0)
  t.strictSame([dispatcher.heldOf('report'), waiting()], [0, 0])
})

t.test('slow steps of one tenant leave a slot: whoever comes next begins at once', async (t) => {
  const { clock, dispatcher, step, result, released } = fixture()
  dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 8 }))
  const turns = Array.from({ length: 128 }, (_, i) =>
    dispatcher.offer(step(`slow${i}`, { tenant: 'acme', priority: 0 })),
  )
  t.equal(turns.filter((turn) => turn === 'go').length, 7)
  await clock.advance(60_000)
  dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 8, inFlight: 7 }))
  t.strictSame(released, [], 'time alone gives it no more')
  for (let i = 0; i < 5; i++) {
    t.equal(dispatcher.offer(step(`quick${i}`, { tenant: 'globex' })), 'go')
    result(`quick${i}`)
  }
  result('slow0')
  t.strictSame(released, ['slow7'], 'what it frees is its own again')
})

t.test('who is alone has all slots; what an operator says of a tenant counts instead', async (t) => {
  const policy = { ...DEFAULT_POLICY, limits: { ...NO_LIMITS, concurrencyOf: new Map([['acme', 100]]) } }
  const { dispatcher, step } = fixture({ policy })
  dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 8 }))
  const sent = (prefix: string, tenant: string) =>
    Array.from({ length: 20 }, (_, i) => dispatcher.offer(step(`${prefix}${i}`, { tenant }))).filter(
      (turn) => turn === 'go',
    ).length
  t.equal(sent('alone', 'default'), 16)
  const { dispatcher: other, step: more } = fixture({ policy })
  other.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 8 }))
  const turns = Array.from({ length: 20 }, (_, i) => other.offer(more(`b${i}`, { tenant: 'acme' })))
  t.equal(turns.filter((turn) => turn === 'go').length, 16)
})

t.test('before its instances are heard of a type gets a few steps of each tenant', async (t) => {
  const { clock, dispatcher, step, released } = fixture()
  const turns = Array.from({ length: 64 }, (_, i) => dispatcher.offer(step(`a${i}`, { tenant: 'acme' })))
  t.equal(turns.filter((turn) => turn === 'go').length, 4)
  t.equal(dispatcher.offer(step('b', { tenant: 'globex' })), 'go')
  await clock.advance(2000)
  t.strictSame(released, [])
  dispatcher.onHeartbeat(heartbeatOf('x', 'i1', { capacity: 16 }))
  await clock.advance(100)
  t.equal(released.length, 10, '14 of 16 slots')
  const { clock: later, dispatcher: silent, step: more, released: all } = fixture()
  for (let i = 0; i < 64; i++) silent.offer(more(`a${i}`, { tenant: 'acme' }))
  await later.advance(3100)
  t.equal(all.length, 60, 'agents that send no heartbeats get their work, too')
})

t.test('what waits for an agent that is away keeps nobody else from waiting, and from going', async (t) => {
  const { dispatcher, step, result } = fixture({ policy: limitedTo(1), maxWaiting: 100 })
  for (let i = 0; i < 101; i++) dispatcher.offer(step(`away-${i}`, { agent: 'away' }))
  t.equal(dispatcher.offer(step('away-last', { agent: 'away' })), 'full')
  t.equal(dispatcher.offer(step('b1')), 'go')
  t.equal(dispatcher.offer(step('b2')), 'waits', 'a place of its own')
  result('b1')
  t.ok(dispatcher.sentOf({ taskId: 'b2', stepId: 'a', attempt: 1 }), 'it has gone in its turn')
  // Its own places are few where what waits in all is too much, and there are some for each.
  const others = ['c', 'd', 'e'].map((agent) => {
    dispatcher.offer(step(`${agent}-out`, { agent }))
    return Array.from({ length: 100 }, (_, i) => dispatcher.offer(step(`${agent}-${i}`, { agent })))
  })
  for (const turns of others) {
    const waits = turns.filter((turn) => turn === 'waits').length
    t.ok(waits >= 20 && waits <= 50, `${waits} wait`)
    t.equal(turns.at(-1), 'full')
  }
})

t.test('a drained instance gets nothing; of the last one steps wait, and go when it may', async (t) => {
  const { clock, dispatcher, step, released } = fixture()
  const beat = (queue: number, about: object = {}) =>
    dispatcher.onHeartbeat(heartbeatOf('x', `i${queue}`, { cordoned: false, queue, ...about }))
  const sent = (taskId: string) => dispatcher.sentOf({ taskId, stepId: 'a', attempt: 1 })
  for (const queue of [1, 2]) beat(queue)
  dispatcher.drain('x', new Set(['i1']))
  t.equal(dispatcher.offer(step('t1')), 'go')
  t.match(sent('t1'), { queue: 2, choice: { instance: 'i2', because: /^i1 must not have it/ } })
  const obeys = { status: 'draining', cordoned: true }
  beat(1, obeys)
  await clock.advance(60)
  t.equal(dispatcher.offer(step('t2')), 'go')
  t.match(sent('t2'), { choice: { to: 'any' } })
  t.strictSame(dispatcher.drainedAlone('x'), [])
  dispatcher.drain('x', new Set(['i1', 'i2']))
  t.strictSame(dispatcher.drainedAlone('x'), ['i1', 'i2'])
  t.equal(dispatcher.offer(step('t3')), 'waits', 'at once, whatever was the answer a moment ago')
  beat(2, obeys)
  await clock.advance(100)
  t.strictSame(released, [])
  t.match(dispatcher.whyNobody({ agent: 'x' }), /^i1: it is drained by an operator; i2: it is drained/)
  dispatcher.drain('x', new Set(['i1']))
  beat(2)
  await clock.advance(100)
  t.strictSame(released, ['t3'])
})
