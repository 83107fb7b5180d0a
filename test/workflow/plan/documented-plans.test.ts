import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { type Plan, planSchema, STEP_KINDS } from '#schemas/plan.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import { isTerminal } from '#schemas/task.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { assertExpansion } from '#workflow/plan/check-expansion.ts'
import { assertPlan } from '#workflow/plan/check-plan.ts'
import { Story, T0 } from '../../support/story.ts'

const DAY = 86_400_000
const done = (output: JsonValue): StepOutcome => ({ kind: 'done', output })
const retry = (code: string): StepOutcome => ({ kind: 'retry', error: { code, message: 'not now' } })
const FAILED: StepOutcome = { kind: 'fail', error: { code: 'BROKE', message: 'it broke' } }

/** A task whose agents answer as they are told, and whose time passes as fast as nothing happens. */
class Played extends Story {
  /** What was begun, in order: `run:attempt`. */
  readonly ran: string[] = []
  readonly inputs = new Map<string, JsonValue>()
  nowMs = 0

  /** @param answers by run id and attempt, or by run id; an agent that is not named answers with null */
  play(plan: Plan, about: { input?: JsonObject; answers?: Record<string, StepOutcome> }): this {
    this.accept({ plan, input: about.input ?? {}, deadlineMs: 30 * DAY, v: 2 })
    return this.goOn(about.answers)
  }

  /** Until it ends, or waits for somebody. */
  goOn(answers: Record<string, StepOutcome> = {}): this {
    const open = [...this.last]
    for (;;) {
      const command = open.shift()
      if (command === undefined) {
        if (this.#waitsForSomebody() || isTerminal(this.state!.status)) return this
        this.nowMs = nextDueMs(this.state!)! - T0
        this.timer(this.nowMs)
      } else if (command.kind === 'Evaluate') {
        const outputs = [...this.kept.values()].map((one) =>
          'output' in one ? one.output : { error: one.error },
        )
        this.done(++this.nowMs, command.stepId, outputs as JsonValue, command.attempt)
      } else if (command.kind === 'DispatchStep' || command.kind === 'StartChild') {
        const { stepId, attempt } = command
        this.ran.push(`${stepId}:${attempt}`)
        const message = buildStepMessage(this.state!, stepId, attempt, () => 'reply')
        this.inputs.set(stepId, message?.input ?? null)
        this.result(
          ++this.nowMs,
          stepId,
          attempt,
          answers[`${stepId}:${attempt}`] ?? answers[stepId] ?? done(null),
        )
      } else continue
      open.push(...this.last)
    }
  }

  #waitsForSomebody(): boolean {
    return Object.values(this.state!.steps).some(
      ({ status }) => status === 'awaiting-signal' || status === 'awaiting-approval',
    )
  }
}

/** What each plan of docs/plans.md does, by its heading. */
const EXAMPLES: Record<string, (t: Test, plan: Plan) => void> = {
  Agent: (t, plan) => {
    const task = new Played().play(plan, {
      input: { name: 'a.txt' },
      answers: { read: done({ text: 'one two' }) },
    })
    t.strictSame(
      task.inputs,
      new Map([
        ['read', { name: 'a.txt' }],
        ['count', { text: 'one two' }],
      ]),
    )
    t.equal(task.state!.status, 'completed')
  },
  Conditions: (t, plan) => {
    const scored = (score: number) => new Played().play(plan, { answers: { check: done({ score }) } })
    t.strictSame(scored(0.9).ran, ['check:1', 'review:1', 'note:1', 'ship:1'])
    const { ran, state } = scored(0.1)
    t.strictSame(ran, ['check:1', 'ship:1'])
    t.match(state, {
      status: 'completed',
      steps: { review: { status: 'skipped' }, note: { status: 'skipped' } },
    })
    t.match(new Played().play(plan, {}).state, { status: 'failed', error: { code: 'EXPRESSION_FAILED' } })
  },
  'For each item of a list': (t, plan) => {
    const files = ['a', 'b', 'c']
    const answers = {
      list: done({ files }),
      'resize.0': done('A'),
      'resize.1': FAILED,
      'resize.2': done('C'),
    }
    const { ran, state, inputs } = new Played().play(plan, { answers })
    t.strictSame(ran, ['list:1', 'resize.0:1', 'resize.1:1', 'resize.2:1'])
    t.strictSame(inputs.get('resize.1'), { file: 'b', number: 1 })
    t.match(state, {
      status: 'completed',
      steps: { resize: { items: { total: 3, completed: 2, failed: 1 } } },
    })
    t.match(state!.steps.resize!.output, ['A', { error: { code: 'BROKE' } }, 'C'])
    const empty = new Played().play(plan, { answers: { list: done({ files: [] }) } })
    t.strictSame(empty.state!.steps.resize!.output, [])
    const none = new Played().play(plan, { answers: { list: done({ files: 7 }) } })
    t.match(none.state, { status: 'failed', error: { code: 'ITEMS_INVALID' } })
  },
  'Again until a condition holds': (t, plan) => {
    const busy = done({ state: 'busy', cursor: 7 })
    const answers = { 'poll.1': busy, 'poll.2': busy, 'poll.3': done({ state: 'done' }) }
    const task = new Played().play(plan, { input: { job: 'j' }, answers })
    t.strictSame(task.ran, ['poll.1:1', 'poll.2:1', 'poll.3:1'])
    t.match(task.inputs.get('poll.1'), { job: 'j', cursor: null, time: 1 })
    t.match(task.inputs.get('poll.3'), { job: 'j', cursor: 7, time: 3 })
    t.strictSame(task.state!.output, { poll: { state: 'done' } })
    t.ok(task.nowMs >= 2000, 'with a delay between them')
    const never = new Played().play(plan, {
      answers: Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`poll.${n}`, busy])),
    })
    t.match(never.state, { status: 'failed', error: { code: 'REPEAT_EXHAUSTED' } })
  },
  'Child task': (t, plan) => {
    const task = new Played().play(plan, { input: { file: 'f' }, answers: { convert: done('pdf') } })
    t.strictSame([task.ran, task.state!.output], [['convert:1'], { convert: 'pdf' }])
    const lost = new Played().play(plan, { answers: { convert: retry('STEP_FAILED') } })
    t.strictSame([lost.ran, lost.state!.status], [['convert:1'], 'failed'], 'it is tried once')
  },
  Sleep: (t, plan) => {
    const notBefore = new Date(T0 + 9 * DAY).toISOString()
    const task = new Played().play(plan, { input: { notBefore } })
    t.match(task.state, { status: 'completed', steps: { 'cool-down': { output: { atMs: T0 + 7 * DAY } } } })
    t.equal(
      task.state!.steps.until!.output && (task.state!.steps.until!.output as JsonObject).atMs,
      T0 + 9 * DAY,
    )
  },
  'Wait for a signal': (t, plan) => {
    const paid = new Played().play(plan, {})
    paid.signal(500, 'payment', 'p-1', { sum: 3 }).goOn()
    t.strictSame([paid.ran, paid.state!.status], [['order:1', 'ship:1'], 'completed'])
    t.strictSame(paid.state!.steps.paid!.output, { id: 'p-1', payload: { sum: 3 }, atMs: T0 + 500 })
    const unpaid = new Played().play(plan, {})
    unpaid.timer(nextDueMs(unpaid.state!)! - T0)
    t.match(unpaid.state, {
      status: 'completed',
      steps: { paid: { output: null }, ship: { status: 'skipped' } },
    })
  },
  Approval: (t, plan) => {
    const asked = () => new Played().play(plan, { answers: { offer: done({ price: 10 }) } })
    const task = asked().answer(500, 'approve', { values: { discount: 2 }, subject: { price: 8 } })
    t.strictSame(task.dispatched, ['send:1'])
    t.match(
      buildStepMessage(task.state!, 'send', 1, () => 'reply'),
      { input: { offer: { price: 8 } } },
    )
    t.strictSame(asked().answer(500, 'approve', { values: { channel: 'mail' } }).late, ['not-asked'])
    const nobody = asked()
    for (let i = 0; i < 2; i++) nobody.timer(nextDueMs(nobody.state!)! - T0)
    t.match(nobody.state, { status: 'failed', error: { code: 'APPROVAL_REJECTED', stepId: 'approve' } })
  },
  'Retries by code': (t, plan) => {
    const always = (code: string) => new Played().play(plan, { answers: { call: retry(code) } }).ran.length
    t.strictSame([always('OTHER'), always('RATE_LIMITED'), always('BAD_ADDRESS')], [2, 4, 1])
    t.equal(new Played().play(plan, { answers: { call: FAILED } }).ran.length, 1)
  },
  Fallback: (t, plan) => {
    const answers = { translate: retry('UPSTREAM_ERROR'), 'translate.fallback': done('word by word') }
    const task = new Played().play(plan, { input: { text: 'hallo' }, answers })
    t.strictSame(task.ran, ['translate:1', 'translate:2', 'translate.fallback:1', 'print:1'])
    t.match(task.inputs.get('translate.fallback'), { text: 'hallo', why: 'UPSTREAM_ERROR' })
    t.match(task.inputs.get('print'), { text: 'word by word' })
    t.match(task.state!.steps.translate, {
      status: 'completed',
      viaFallback: true,
      error: { code: 'UPSTREAM_ERROR' },
    })
    const lost = new Played().play(plan, { answers: { ...answers, 'translate.fallback': FAILED } })
    t.match(lost.state, { status: 'failed', error: { code: 'BROKE', message: /it broke.*UPSTREAM_ERROR/ } })
  },
  'Going on after a failure': (t, plan) => {
    const task = new Played().play(plan, { answers: { optional: FAILED } })
    t.strictSame([task.ran, task.state!.status], [['optional:1', 'report:1'], 'completed'])
    t.strictSame(task.inputs.get('report'), { error: 'BROKE' })
  },
  Compensation: (t, plan) => {
    const answers = { hotel: done({ booking: 'h-1' }), pay: FAILED, 'flight.compensate': FAILED }
    const task = new Played().play(plan, { answers })
    t.strictSame(task.ran, ['hotel:1', 'flight:1', 'pay:1', 'flight.compensate:1', 'hotel.compensate:1'])
    t.strictSame(task.inputs.get('hotel.compensate'), { booking: 'h-1' })
    t.match(task.state, {
      status: 'failed',
      error: { code: 'BROKE', stepId: 'pay', message: /not undone: flight/ },
    })
  },
}

const text = readFileSync(new URL('../../../docs/plans.md', import.meta.url), 'utf8')
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    heading: section.slice(0, section.indexOf('\n')),
    plans: [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) => JSON.parse(json!) as unknown),
  }))

t.test('docs/plans.md has a plan for each kind of step, and each is run here', async (t) => {
  const withPlans = sections.filter(({ plans }) => plans.length > 0)
  t.strictSame(withPlans.map(({ heading }) => heading).sort(), Object.keys(EXAMPLES).sort())
  const steps = withPlans.flatMap(({ plans }) => plans.flatMap((plan) => planSchema.parse(plan).steps))
  for (const field of [...STEP_KINDS, 'when', 'forEach', 'repeat', 'fallback', 'compensate'] as const)
    t.ok(
      steps.some((step) => step[field] !== undefined),
      field,
    )
})

for (const { heading, plans } of sections)
  for (const written of plans)
    t.test(`${heading}: the plan is one, and does what is said`, async (t) => {
      const plan = planSchema.parse(written)
      assertPlan(plan)
      assertExpansion(plan, {})
      EXAMPLES[heading]?.(t, plan)
    })
