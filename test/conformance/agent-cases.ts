import type { ChildProcess } from 'node:child_process'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Test } from 'tap'
import { STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'
import { AGENT, type Said, StandInOrchestrator } from './stand-in-orchestrator.ts'

/** Starts an agent `word-count` that takes `{text, workMs}`; it is ended with the test. */
export type StartAgent = (t: Test, natsUrl: string) => ChildProcess

const isBeat = (said: Said): said is Extract<Said, { kind: 'beat' }> => said.kind === 'beat'
const ONE = { kind: 'done', output: { words: 3 } }
const working = (workMs: number) => ({ input: { text: 'one two three', workMs } })

/** The script of docs/agent-protocol.md, case by case, against one agent. */
export async function runAgentCases(t: Test, startAgent: StartAgent): Promise<void> {
  const servers = await withServers(t)
  const stand = await StandInOrchestrator.open(t, servers)
  await stand.makeQueues()
  const order = (fits: (said: Said) => boolean) => stand.said.findIndex(fits)

  // There before the agent is: two that came again, one whose time is up.
  await stand.dispatch('again')
  await stand.dispatch('over')
  // Twice: what came again once may run beside others.
  for (const _ of [2, 3]) await stand.handOutInVain(2)
  await stand.dispatch('expired', { expiresAtMs: Date.now() - 60_000 })
  stand.verdictOn = (taskId) =>
    taskId === 'again' ? { verdict: 'run' } : { verdict: 'drop', reason: 'task-finished' }
  const agent = startAgent(t, servers.natsUrlOf('own-agents'))

  await t.test('it registers, then says how it is', async (t) => {
    const { body } = await stand.heard('a heartbeat', isBeat)
    t.match(body, { type: AGENT, status: 'ready' })
    t.ok(order(({ kind }) => kind === 'registered') < order(isBeat), 'registered first')
  })

  await t.test('what came again more than once is asked about, alone, and run when it may', async (t) => {
    const asked = await stand.asked('again')
    t.match(asked, { deliveries: 3, alone: true })
    const beat = stand.said.find((said) => said.kind === 'beat')
    t.equal(asked.bornAtMs, beat?.body.startedAtMs, 'with when its process began')
    const { body, messageId, subject } = await stand.resultOf('again')
    t.match(body, { stepId: 'count', attempt: 1, outcome: ONE })
    const { instance, startedAtMs } = body
    t.equal(messageId, MESSAGE_IDS.result('again', 'count', 1, { instance, startedAtMs }))
    t.equal(subject, SUBJECTS.result(7, AGENT))
    const ack = await stand.settled('again')
    t.ok(
      stand.said.indexOf(ack) > order((said) => said.kind === 'result' && said.taskId === 'again'),
      'the result first, then the acknowledgement',
    )
  })

  await t.test('what is over is acknowledged and not run', async (t) => {
    await stand.settled('over')
    t.equal(stand.resultsOf('over'), 0)
  })

  await t.test('what waited beyond its expiry is not run', async (t) => {
    await stand.settled('expired')
    for (const said of stand.said)
      if (said.kind === 'result' && said.taskId === 'expired')
        t.match(said.body.outcome, { kind: 'retry', error: { code: 'QUEUE_TIMEOUT' } })
  })

  stand.verdictOn = (taskId) =>
    taskId === 'dropped' ? { verdict: 'drop', reason: 'task-finished' } : { verdict: 'run' }
  // Runs while the next cases do: an agent may work on one step of a priority at a time.
  await stand.dispatch('long', { priority: 2, ...working(5500) })
  await t.test('a fresh step is run without a question, and tells how far it is', async (t) => {
    await stand.dispatch('fresh')
    t.match((await stand.resultOf('fresh')).body.outcome, ONE)
    await stand.settled('fresh')
    t.notOk(stand.said.some((said) => said.kind === 'asked' && said.taskId === 'fresh'))
    t.ok(stand.said.some((said) => said.kind === 'progress' && said.body.taskId === 'fresh'))
  })

  await t.test('an input that does not suit it fails for good', async (t) => {
    await stand.dispatch('bad', { input: { text: 7 } })
    t.match((await stand.resultOf('bad')).body.outcome, {
      kind: 'fail',
      error: { code: 'INVALID_STEP_INPUT', message: /text/ },
    })
    await stand.settled('bad')
  })

  await t.test('what is no step is buried as it is', async (t) => {
    const text = '{"no": "step"}'
    const { seq } = await stand.bus.publisher.publish(SUBJECTS.step(AGENT, 1), text, { msgId: 'no-step' })
    const dead = await stand.heard(
      'what was buried',
      (said): said is Extract<Said, { kind: 'dead' }> => said.kind === 'dead',
    )
    t.equal(dead.text, text)
    t.equal(dead.messageId, `steps:${seq}:dead`)
    await until('it has left', async () => !(await stand.bus.streams.messageAt(STREAMS.steps.name, seq)))
  })

  await t.test('one that runs and is over is ended without a result', async (t) => {
    await stand.dispatch('dropped', working(60_000))
    await stand.settled('dropped')
    t.equal(stand.resultsOf('dropped'), 0)
  })

  await t.test('long work is extended, and told once as running', async (t) => {
    const asked = await stand.asked('long', true)
    t.match(asked, { deliveries: 1 })
    const { body } = await stand.resultOf('long')
    t.ok(
      stand.said.indexOf(asked) < order((said) => said.kind === 'result' && said.taskId === 'long'),
      'while it runs',
    )
    t.match(body.outcome, ONE)
    t.ok(stand.workingOn('long') >= 3, 'more often than the ack wait')
    t.match(await stand.settled('long'), { deliveries: 1 }, 'nobody else got it')
    const told = stand.said.filter((said) => said.kind === 'asked' && said.taskId === 'long')
    // Once more only where the answer was late on a busy machine, and not with each extension.
    t.ok(told.length >= 1 && told.length <= 2, `asked ${told.length} times`)
  })

  await t.test('it says every second how it is', async (t) => {
    await until('more heartbeats', () => stand.said.filter(isBeat).length >= 3, 10_000)
    t.equal(new Set(stand.said.filter(isBeat).map((said) => said.body.startedAtMs)).size, 1)
  })

  await t.test(
    'one that is drained takes nothing, finishes what it has, and goes on when it is told',
    async (t) => {
      const heard = () => stand.said.filter(isBeat).at(-1)!.body
      if (heard().cordoned === undefined) {
        t.comment('skipped: it obeys no orders to drain')
        return
      }
      await stand.dispatch('before', working(4500))
      await until('it has begun', () => heard().inFlight > 0)
      const tell = (cordoned: boolean) =>
        stand.bus.publishCore(SUBJECTS.cordon(AGENT, heard().instance), JSON.stringify({ v: 1, cordoned }))
      tell(true)
      await until('it says so', () => heard().status === 'draining' && heard().cordoned === true)
      // A request that was open when it was told may bring one yet: it is over after two seconds at most.
      t.match((await stand.resultOf('before')).body.outcome, ONE)
      await until('nothing is in work', () => heard().inFlight === 0)
      await stand.dispatch('during')
      const beats = stand.said.filter(isBeat).length
      await until('it has waited', () => stand.said.filter(isBeat).length >= beats + 3, 10_000)
      t.equal(stand.resultsOf('during'), 0, 'it is not taken')
      tell(false)
      t.match((await stand.resultOf('during')).body.outcome, ONE)
      t.match(await stand.settled('during'), { deliveries: 1 }, 'nor was it taken and given back')
      await until('it says so', () => heard().status === 'ready' && heard().cordoned === false)
    },
  )

  await t.test('while nobody can say whether it may run, it is kept and asked about again', async (t) => {
    let questions = 0
    stand.verdictOn = (taskId) => (taskId === 'kept' && questions++ < 3 ? 'nobody' : { verdict: 'run' })
    await stand.dispatch('kept', { alone: true })
    t.match((await stand.resultOf('kept')).body.outcome, ONE)
    t.match(await stand.settled('kept'), { deliveries: 1 })
    t.equal(questions, 4)
  })

  await t.test('one that is to be alone runs while nothing else does', async (t) => {
    await stand.dispatch('beside-1', { priority: 0, ...working(800) })
    await stand.dispatch('alone', { alone: true, ...working(800) })
    await stand.dispatch('beside-2', { priority: 2, ...working(300) })
    t.match(await stand.asked('alone'), { alone: true })
    const results = await Promise.all(['beside-1', 'alone', 'beside-2'].map((id) => stand.resultOf(id)))
    const runs = results.map(({ body }) => [body.startedAtMs, body.finishedAtMs] as const)
    const [from, to] = runs[1]!
    for (const [start, end] of [runs[0]!, runs[2]!])
      t.ok(end <= from || start >= to, `${start}–${end} beside ${from}–${to}`)
  })

  await t.test('a result that is not stored is published again until it is', async (t) => {
    const nc = await connect({ servers: servers.natsUrl })
    const jsm = await jetstreamManager(nc)
    await jsm.streams.delete(STREAMS.log.name)
    await stand.dispatch('unstored')
    await until('it was tried', () => stand.resultsOf('unstored') > 0, 20_000)
    t.notOk(await jsm.streams.find('log.7.result.word-count').catch(() => undefined))
    await until('it goes on saying that it works', () => stand.workingOn('unstored') >= 2, 20_000)
    await nc.close()
    await stand.makeStreams()
    t.match(await stand.settled('unstored'), { deliveries: 1 })
    t.ok(await stand.bus.streams.lastSeq(STREAMS.log.name, SUBJECTS.result(7, AGENT)), 'it is there')
  })

  await t.test('an instance that stops hands back what is not done, and goes in order', async (t) => {
    await stand.dispatch('unfinished', working(60_000))
    await stand.asked('unfinished', true)
    const ended = new Promise<number | null>((resolve) => agent.on('exit', resolve))
    agent.kill('SIGTERM')
    const released = await stand.heard(
      'a release',
      (said): said is Extract<Said, { kind: 'released' }> => said.kind === 'released',
    )
    t.match(released.body, { steps: [{ taskId: 'unfinished', stepId: 'count', attempt: 1 }] })
    const returned = await stand.settled('unfinished', '-NAK')
    t.ok(stand.said.indexOf(returned) > stand.said.indexOf(released), 'released first')
    t.equal(await ended, 0)
    const states = stand.said.flatMap((said) => (said.kind === 'beat' ? [said.body.status] : []))
    t.strictSame([...new Set(states)], ['ready', 'draining', 'stopped'])
    t.equal(stand.resultsOf('unfinished'), 0)
  })

  t.strictSame(stand.faults, [], 'all that it said fits the schemas')
}
