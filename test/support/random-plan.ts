import fc from 'fast-check'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Plan, Step } from '#schemas/plan.ts'

/** Any legal plan of 2 to 30 steps: a step needs some of those before it, in a shuffled order of writing. */
export const planArbitrary: fc.Arbitrary<Plan> = fc
  .integer({ min: 2, max: 30 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, at) => stepArbitrary(at))))
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length }))
  .map((steps) => ({ steps }))

export const acceptedArbitrary: fc.Arbitrary<TaskAccepted> = fc
  .record({
    plan: planArbitrary,
    deadlineMs: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(1_000_000)),
    delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 })),
  })
  .map((drawn) => acceptedTask(drawn))

/** The event that starts a task, with everything that a test does not care about filled in. */
export function acceptedTask(about: Partial<TaskAccepted> & Pick<TaskAccepted, 'plan'>): TaskAccepted {
  return {
    v: 1,
    taskId: 'task-1',
    tenant: 'default',
    type: 'plan',
    priority: 1,
    bodyHash: '',
    input: {},
    deadlineMs: 900_000,
    delayMs: 0,
    ...about,
  }
}

function stepArbitrary(at: number): fc.Arbitrary<Step> {
  const earlier = Array.from({ length: at }, (_, i) => `s${i}`)
  return fc.record(
    {
      id: fc.constant(`s${at}`),
      agent: fc.constantFrom('a', 'b', 'c'),
      needs: fc.subarray(earlier, { maxLength: Math.min(4, at) }),
      retry: fc.record(
        {
          maxAttempts: fc.integer({ min: 1, max: 4 }),
          initialDelayMs: fc.integer({ min: 0, max: 50 }),
          maxDelayMs: fc.integer({ min: 0, max: 100 }),
          factor: fc.constantFrom(1, 2, 3.5),
        },
        { requiredKeys: ['maxAttempts'] },
      ),
      timeoutMs: fc.integer({ min: 1, max: 200 }),
      queueTimeoutMs: fc.integer({ min: 0, max: 100 }),
      onFailure: fc.constantFrom('fail', 'continue'),
    },
    { requiredKeys: ['id', 'agent', 'timeoutMs'] },
  )
}
