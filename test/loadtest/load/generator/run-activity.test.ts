import t from 'tap'
import { CallError, type LoadClient } from '../../../../loadtest/load/client/load-client.ts'
import { OwnDelayWatch } from '../../../../loadtest/load/generator/own-delay.ts'
import { Recorder } from '../../../../loadtest/load/generator/recorder.ts'
import {
  type ActivityDeps,
  runActivity,
  sleepUntil,
} from '../../../../loadtest/load/generator/run-activity.ts'
import { TaskLedger } from '../../../../loadtest/load/generator/task-ledger.ts'
import type { AnyActivity, Ask } from '../../../../loadtest/load/users/action.ts'
import { statusUser } from '../../../../loadtest/load/users/status-user.ts'
import { taskUser } from '../../../../loadtest/load/users/task-user.ts'
import { sampleWorld } from '../users/walk.ts'

/** A client that answers from a list, a function of the number of the question. */
function setUp(answer: (ask: Ask, n: number) => unknown, signal = new AbortController().signal) {
  const asked: Ask[] = []
  const client: LoadClient = {
    transport: 'rest',
    ask: async (ask) => answer(ask, asked.push(ask) - 1) as never,
    close: () => undefined,
  }
  const own = new OwnDelayWatch()
  t.teardown(() => own.stop())
  const accepted: string[] = []
  const deps: ActivityDeps = {
    client,
    recorder: new Recorder(10_000),
    ledger: new TaskLedger(),
    own,
    hints: { given: 0, missing: 0, letIn: 0, refusedAgain: 0, gaveUp: 0 },
    world: sampleWorld({ draw: () => 0 }),
    stage: () => 0,
    onAccepted: (taskId) => accepted.push(taskId),
    signal,
  }
  return { deps, asked, accepted }
}
const well = (ask: Ask) => (ask.op === 'submit' ? { taskId: 't1' } : { status: 'completed' })
const seriesOf = ({ recorder }: ActivityDeps, kind: string) =>
  recorder.series.find((one) => one.kind === kind)

t.test('time counts from when a question was due, also the time before it was sent', async (t) => {
  const { deps, accepted } = setUp(well)
  const end = await runActivity(taskUser as AnyActivity, deps, performance.now() - 1000)
  t.match(end, { how: 'done' })
  t.ok(end.tookMs >= 1000)
  t.strictSame(accepted, ['t1'])
  t.equal(deps.ledger.accepted, 1)
  const submit = seriesOf(deps, 'submit')
  t.match(submit, { answered: 1, group: 'api' })
  t.ok(deps.recorder.soFar.p50Ms >= 1000, `${deps.recorder.soFar.p50Ms}`)
  t.match(seriesOf(deps, 'three-step task'), { answered: 1, group: 'task' })
  t.equal(seriesOf(deps, 'watchTask'), undefined, 'how long a watch takes is up to its task')
  t.ok(deps.own.figures.lateMaxMs >= 1000, 'that the generator was late shows')
})

t.test(
  'who is told to come back later comes back then; that is no error, and its time begins anew',
  async (t) => {
    const refusal = new CallError('OVERLOADED', 'full', { retryAfterMs: 30, isRefusal: true })
    const { deps, asked } = setUp((ask, n) => {
      if (n < 2) throw refusal
      return well(ask)
    })
    const fromMs = performance.now()
    t.match(await runActivity(taskUser as AnyActivity, deps, fromMs), { how: 'done' })
    t.ok(performance.now() - fromMs >= 58, 'the hints were waited for')
    t.equal(asked.filter(({ op }) => op === 'submit').length, 3)
    t.match(seriesOf(deps, 'submit'), { answered: 1, refused: 2, errors: {} })
    t.match(deps.hints, { given: 2, letIn: 1, refusedAgain: 1, gaveUp: 0, missing: 0 })
  },
)

t.test('whoever is refused without end gives up, and that is no error either', async (t) => {
  const { deps } = setUp(() => {
    throw new CallError('OVERLOADED', 'full', { retryAfterMs: 1, isRefusal: true })
  })
  t.match(await runActivity(taskUser as AnyActivity, deps, performance.now()), { how: 'refused' })
  t.equal(deps.hints.gaveUp, 1)
  t.equal(deps.recorder.soFar.errors, 0)
  const long = setUp(() => {
    throw new CallError('QUOTA_EXCEEDED', 'full', { retryAfterMs: 3_600_000, isRefusal: true })
  })
  t.match(await runActivity(taskUser as AnyActivity, long.deps, performance.now()), { how: 'refused' })
  t.equal(long.asked.length, 1, 'an hour is not waited for')
})

t.test('nobody there is an error each time, and the answer took as long as all of it', async (t) => {
  const { deps } = setUp((ask, n) => {
    if (n === 0) throw new CallError('UNAVAILABLE', 'no owner', { retryAfterMs: 40 })
    return well(ask)
  })
  t.match(await runActivity(taskUser as AnyActivity, deps, performance.now()), { how: 'done' })
  t.match(seriesOf(deps, 'submit'), { answered: 1, errors: { UNAVAILABLE: 1 } })
  t.ok(deps.recorder.soFar.p50Ms >= 38, 'from when it was first due')
})

t.test(
  'another error ends what the user was doing; a fault of the generator is not taken for one',
  async (t) => {
    const { deps } = setUp(() => {
      throw new CallError('INTERNAL', 'broken')
    })
    t.match(await runActivity(taskUser as AnyActivity, deps, performance.now()), { how: 'error' })
    t.match(seriesOf(deps, 'submit'), { answered: 0, errors: { INTERNAL: 1 } })
    const broken = setUp(() => {
      throw new TypeError('a fault of ours')
    })
    await t.rejects(runActivity(taskUser as AnyActivity, broken.deps, performance.now()), TypeError)
  },
)

t.test('who is stopped ends at the next thought', async (t) => {
  const stopping = new AbortController()
  const { deps, asked } = setUp(() => {
    stopping.abort()
    return null
  }, stopping.signal)
  t.match(await runActivity(statusUser as AnyActivity, deps, performance.now()), { how: 'stopped' })
  t.equal(asked.length, 1)
  t.equal(await sleepUntil(performance.now() + 60_000, stopping.signal), false)
})
