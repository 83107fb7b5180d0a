import t from 'tap'
import { createManualClock } from '../../services/platform/clock/manual-clock.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { silentLog } from '../../services/platform/telemetry/logger.ts'
import { StepPermissions, type StepToStart } from '../../services/sdk/step-permissions.ts'

const step = (stepId: string): StepToStart => ({
  taskId: 't',
  stepId,
  attempt: 1,
  deliveries: 1,
  alone: false,
  running: false,
})

/** An orchestrator that answers as the test says. */
function open(answer: (steps: StepToStart[]) => unknown) {
  const requests: [name: string, steps: number][] = []
  const clock = createManualClock()
  const heard: number[] = []
  const call = async (name: string, { steps }: { steps: StepToStart[] }) => {
    requests.push([name, steps.length])
    return answer(steps)
  }
  const permissions = new StepPermissions({
    agent: 'count',
    instance: 'i',
    bornAtMs: 0,
    clock,
    log: silentLog,
    onBrokerTime: (ms) => void heard.push(ms),
    bus: { call: call as never },
  })
  return { clock, heard, permissions, requests }
}

function nobody(): never {
  throw new MurmurError('UNAVAILABLE', 'nobody answers')
}
const { signal } = new AbortController()

t.test('requests of one turn go together, and each has its own verdict', async (t) => {
  const { heard, permissions, requests } = open((steps) => ({
    verdicts: steps.map(({ stepId }) => ({ verdict: stepId === 'b' ? 'drop' : 'run' })),
    brokerNowMs: 42,
  }))
  const verdicts = await Promise.all(['a', 'b', 'c'].map((id) => permissions.ask(step(id), signal)))
  t.strictSame(verdicts, [{ verdict: 'run' }, { verdict: 'drop' }, { verdict: 'run' }])
  t.strictSame([requests, heard], [[['startSteps', 3]], [42]])
})

t.test('without an answer it is tried again, later each time, until the signal comes', async (t) => {
  const { clock, permissions, requests } = open(nobody)
  const stopping = new AbortController()
  const asking = permissions.ask(step('a'), stopping.signal)
  for (const [i, waitMs] of [250, 500, 1000].entries()) {
    await clock.whenSleeping()
    t.equal(requests.length, i + 1)
    await clock.advance(waitMs - 1)
    t.equal(clock.sleeping, 1, `it waits for ${waitMs} ms`)
    await clock.advance(1)
  }
  await clock.whenSleeping()
  stopping.abort()
  t.equal(await asking, undefined)
})

t.test('verdicts for another number of steps are none', async (t) => {
  let tries = 0
  const { clock, permissions } = open(() => ({
    verdicts: ++tries === 1 ? [] : [{ verdict: 'run' }],
    brokerNowMs: 1,
  }))
  const asking = permissions.ask(step('a'), signal)
  await clock.whenSleeping()
  await clock.advance(250)
  t.strictSame(await asking, { verdict: 'run' })
})

t.test('attempts are released in requests of 256, and a fault is no matter', async (t) => {
  const { permissions, requests } = open(nobody)
  await permissions.release(Array.from({ length: 257 }, (_, i) => step(`s${i}`)))
  t.strictSame(requests, [
    ['releaseSteps', 256],
    ['releaseSteps', 1],
  ])
})
