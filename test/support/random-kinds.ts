import fc from 'fast-check'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { acceptedTask, planArbitrary } from './random-plan.ts'

const insteadArbitrary = fc.record(
  {
    agent: fc.constant('instead'),
    retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 3 }), initialDelayMs: fc.constant(5) }),
    timeoutMs: fc.integer({ min: 1, max: 200 }),
    queueTimeoutMs: fc.integer({ min: 0, max: 100 }),
  },
  { requiredKeys: ['agent', 'timeoutMs'] },
)

const extrasArbitrary = fc.record({
  kind: fc.constantFrom('agent', 'agent', 'task'),
  many: fc.constantFrom('no', 'no', 'each', 'each-of-need', 'loop'),
  items: fc.array(fc.integer(), { maxLength: 6 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  onItemFailure: fc.constantFrom('fail', 'continue'),
  maxIterations: fc.integer({ min: 1, max: 4 }),
  delayMs: fc.integer({ min: 0, max: 40 }),
  when: fc.constantFrom('no', 'no', 'input', 'status', 'output'),
  fallback: fc.option(insteadArbitrary, { nil: undefined, freq: 2 }),
  compensate: fc.option(insteadArbitrary, { nil: undefined, freq: 2 }),
  byCode: fc.option(fc.record({ STEP_TIMEOUT: fc.record({ maxAttempts: fc.integer({ min: 1, max: 5 }) }) }), {
    nil: undefined,
    freq: 3,
  }),
})
type Extras = typeof extrasArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never

/** Any legal plan of agents and child tasks, with conditions, lists, loops, fallbacks and compensations. */
export const anyPlanArbitrary: fc.Arbitrary<Plan> = planArbitrary.chain(({ steps }) =>
  fc
    .record({
      extras: fc.array(extrasArbitrary, { minLength: steps.length, maxLength: steps.length }),
      compensationTimeoutMs: fc.integer({ min: 20, max: 5000 }),
    })
    .map(({ extras, compensationTimeoutMs }) => ({
      steps: steps.map((step, i) => withExtras(step, extras[i]!)),
      compensationTimeoutMs,
    })),
)

export const anyAcceptedArbitrary: fc.Arbitrary<TaskAccepted> = fc
  .record({
    plan: anyPlanArbitrary,
    deadlineMs: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(1_000_000)),
    delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 })),
    input: fc.record({ yes: fc.boolean() }),
  })
  .map((drawn) => acceptedTask({ v: 2, ...drawn }))

function withExtras(step: Step, extras: Extras): Step {
  const { agent, queueTimeoutMs, retry, ...rest } = step
  const need = step.needs?.[0]
  const when = whenOf(extras.when, need)
  const { concurrency, onItemFailure, maxIterations, delayMs } = extras
  const items = extras.many === 'each-of-need' && need ? { $from: `steps.${need}.output` } : extras.items
  return {
    ...rest,
    ...(extras.kind === 'task'
      ? { task: { type: 'report' } }
      : { agent: agent!, ...(queueTimeoutMs !== undefined && { queueTimeoutMs }) }),
    ...((retry || extras.byCode) && { retry: { ...retry, ...(extras.byCode && { byCode: extras.byCode }) } }),
    ...(extras.many.startsWith('each') && { forEach: { items, concurrency, onItemFailure } }),
    ...(extras.many === 'loop' && {
      repeat: { until: 'has(output.attempt) && output.attempt > 1', maxIterations, delayMs },
    }),
    ...(when !== undefined && { when }),
    ...(extras.fallback && { fallback: extras.fallback }),
    ...(extras.compensate && { compensate: extras.compensate }),
  } as Step
}

function whenOf(kind: Extras['when'], need: string | undefined): string | undefined {
  if (kind === 'no') return undefined
  if (kind === 'input' || need === undefined) return 'input.yes'
  if (kind === 'status') return `steps.${need}.status == "completed"`
  return `steps.${need}.output != null && has(steps.${need}.output.attempt)`
}
