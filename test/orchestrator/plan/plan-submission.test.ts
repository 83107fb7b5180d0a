import t from 'tap'
import { DEFAULTS } from '#schemas/limits.ts'
import { submissionExample } from '#schemas/submission.ts'
import {
  inputOf,
  planSubmission,
  TASK_TYPE_NAMES,
} from '../../../services/orchestrator/plan/plan-submission.ts'

const PLAN = { steps: [{ id: 'a', agent: 'x' }] }

t.test('a plan that the client brings along is the plan', async (t) => {
  t.strictSame(planSubmission('plan', { plan: PLAN }), { plan: PLAN, deadlineMs: DEFAULTS.taskDeadlineMs })
  t.throws(() => planSubmission('plan', { input: {} }), {
    code: 'INVALID_SUBMISSION',
    issues: [{ path: 'plan', message: 'is missing' }],
  })
})

t.test('a type of task makes its plan from its input', async (t) => {
  const { plan, deadlineMs } = planSubmission('report', submissionExample)
  t.strictSame(
    plan.steps.map(({ id }) => id),
    ['ingest-1', 'analysis', 'synthesis'],
  )
  t.equal(deadlineMs, DEFAULTS.taskDeadlineMs)
  t.throws(() => planSubmission('report', { ...submissionExample, plan: PLAN }), {
    code: 'INVALID_SUBMISSION',
    issues: [{ path: 'plan', message: 'only for type "plan"' }],
  })
})

t.test('an input that does not suit it is refused, field by field', async (t) => {
  const report = (input?: { sources: never[] } | { sources: string[] }) => () =>
    planSubmission('report', { ...(input && { input }) })
  t.throws(
    report(),
    { code: 'INVALID_SUBMISSION', issues: [{ path: 'input.sources' }] },
    'none is an empty one',
  )
  t.throws(report({ sources: [] }), { code: 'INVALID_SUBMISSION', issues: [{ path: 'input.sources' }] })
  t.throws(report({ sources: ['a'] }), { code: 'INVALID_SUBMISSION', issues: [{ path: 'input.sources.0' }] })
})

t.test('a type that there is not, with those that there are', async (t) => {
  t.strictSame(TASK_TYPE_NAMES, ['plan', 'report', 'monitor'])
  for (const type of ['dance', 'constructor', '__proto__', ''])
    t.throws(
      () => planSubmission(type, {}),
      {
        code: 'UNKNOWN_TASK_TYPE',
        message: `there is no task type "${type}"; there are plan, report, monitor`,
      },
      type,
    )
})

t.test('the input that is kept with a task', async (t) => {
  t.strictSame(inputOf({}), {})
  t.strictSame(inputOf({ input: { n: 1 } }), { n: 1 })
})
