import t from 'tap'
import { subjectOf } from '#subjects/operations.ts'
import type { StartVerdict } from '../../schemas/step-message.ts'
import { createManualClock } from '../../services/platform/clock/manual-clock.ts'
import { type Log, silentLog } from '../../services/platform/telemetry/logger.ts'
import { HeartbeatLoop } from '../../services/sdk/heartbeat-loop.ts'
import { type SlotContent, SlotTable, type TakenSlot } from '../../services/sdk/slot-table.ts'

const about = { agent: 'a', instance: 'a-1', version: '1', capacity: 4, bornAtMs: 17 }
const step = (n: number, running = true): SlotContent => ({
  ackSubject: `ack.${n}`,
  taskId: `t${n}`,
  stepId: 's',
  attempt: 1,
  deliveries: 1,
  running,
  announced: false,
})

function start(agent = about.agent) {
  const clock = createManualClock()
  const slots = SlotTable.create(4)
  const said: { subject: string; data: string }[] = []
  const asked: { subject: string; body: { steps: { taskId: string }[] } }[] = []
  const over: TakenSlot[] = []
  const warnings: object[] = []
  const answers = { verdict: { verdict: 'run' } as StartVerdict, comes: true }
  const log: Log = { ...silentLog, warn: (fields) => void warnings.push(fields) }
  const loop = new HeartbeatLoop({
    about: { ...about, agent },
    slots,
    clock,
    log,
    bus: {
      publishCore: (subject, data) => void said.push({ subject, data: String(data) }),
      call: async (name, body, options) => {
        asked.push({ subject: subjectOf(name, options), body: body as (typeof asked)[number]['body'] })
        if (!answers.comes) throw new Error('nobody')
        const { steps } = body as { steps: unknown[] }
        return { verdicts: steps.map(() => answers.verdict), brokerNowMs: 1 } as never
      },
    },
    onOver: (taken) => void over.push(taken),
    onBrokerTime: () => {},
  })
  slots.state = 'ready'
  /** Four looks a second; the main thread's event loop turns unless it is said to be blocked. */
  const pass = async (ms: number, { blocked = false } = {}) => {
    for (let passed = 0; passed < ms; passed += 250) {
      if (!blocked) slots.countTurn()
      loop.poll()
      await clock.advance(250)
    }
  }
  const beats = () =>
    said
      .filter(({ subject }) => subject === 'agents.heartbeat.a.a-1')
      .map(({ data }) => JSON.parse(data) as Record<string, unknown>)
  const working = (n: number) => said.filter(({ subject }) => subject === `ack.${n}`).length
  return { slots, loop, said, asked, over, warnings, answers, pass, beats, working }
}

t.test('a heartbeat a second, with what is in the table', async (t) => {
  const { slots, pass, beats, loop } = start()
  slots.take(step(1))
  slots.countCompleted()
  slots.setLeftBehind(1, 1)
  await pass(3000)
  t.equal(beats().length, 3)
  t.match(beats()[0], { type: 'a', status: 'ready', inFlight: 2, completed: 1, stuck: 1, startedAtMs: 17 })
  slots.state = 'draining'
  loop.beatNow()
  t.match(beats().at(-1), { status: 'draining', cordoned: false })
  slots.cordoned = true
  loop.beatNow()
  t.match(beats().at(-1), { status: 'draining', cordoned: true })
})

t.test('nothing is said before the instance is known', async (t) => {
  const { slots, pass, said } = start()
  slots.state = 'starting'
  await pass(2000)
  t.strictSame(said, [])
})

t.test('short steps cost nothing; what is in hand for long is kept', async (t) => {
  const { slots, pass, working, asked } = start()
  for (let i = 0; i < 8; i++) {
    const taken = slots.take(step(9))!
    await pass(250)
    slots.release(taken.slot)
  }
  t.equal(working(9), 0)
  slots.take(step(1, false))
  await pass(5250)
  t.ok(working(1) >= 4 && working(1) <= 5, `${working(1)} times in five seconds`)
  t.strictSame(asked, [], 'one that waits is no run')
})

t.test('runs of more than a second are told, together and once', async (t) => {
  const { slots, pass, asked } = start()
  slots.take(step(1))
  slots.take(step(2))
  const waiting = slots.take(step(3, false))!
  await pass(4000)
  t.match(asked, [{ subject: 'murmur.steps.start.a', body: { instance: 'a-1', bornAtMs: 17 } }])
  t.match(asked[0]?.body.steps, [
    { taskId: 't1', running: true },
    { taskId: 't2', running: true },
  ])
  t.equal(asked.length, 1)
  slots.markRunning(waiting.slot, true)
  await pass(3000)
  t.equal(asked.length, 1, 'what was announced before it ran is not announced again')
})

t.test('told again as long as nobody answers', async (t) => {
  const { slots, pass, asked, answers } = start()
  answers.comes = false
  slots.take(step(1))
  await pass(6000)
  t.ok(asked.length >= 2 && asked.length <= 3, `${asked.length} times in five seconds`)
  answers.comes = true
  await pass(8000)
  const { length } = asked
  await pass(4000)
  t.equal(asked.length, length)
})

t.test('what is over is passed on', async (t) => {
  const { slots, pass, over, answers } = start()
  answers.verdict = { verdict: 'drop', reason: 'task-finished' }
  const taken = slots.take(step(1))!
  await pass(1500)
  t.strictSame(over, [taken])
})

t.test('a main thread that stands still is told, with what it has in hand', async (t) => {
  const { slots, pass, beats, warnings, working } = start()
  slots.take(step(1))
  await pass(1000)
  t.equal(beats().at(-1)?.blockedMs, undefined)
  await pass(9000, { blocked: true })
  t.ok((beats().at(-1)?.blockedMs as number) > 7000)
  t.ok(working(1) >= 8, 'and what it has in hand is kept all the while')
  t.match(warnings[0], { agent: 'a', inHand: ['t1:s:1'] })
  t.equal(warnings.length, 3, 'after 2, 4 and 8 s, not four times a second')
  await pass(500)
  t.ok(slots.blockedMs > 8000, 'it is counted')
  await pass(2000)
  t.equal(beats().at(-1)?.blockedMs, undefined)
})

t.test(
  'a site asks again now and then: the end of a task may have been told while its link was cut',
  async (t) => {
    const { slots, pass, over, asked, answers } = start('a--yard')
    const taken = slots.take(step(1))!
    await pass(29_000)
    t.equal(asked.length, 1)
    answers.verdict = { verdict: 'drop', reason: 'task-finished' }
    await pass(5000)
    t.ok(asked.length > 1)
    t.strictSame(over[0], taken)
  },
)
