import t from 'tap'
import { DEFAULTS } from '#schemas/limits.ts'
import { planTemplateExample } from '#schemas/plan-template.ts'
import { submissionExample } from '#schemas/submission.ts'
import {
  inputOf,
  planSubmission,
  TASK_TYPE_NAMES,
  templateIn,
} from '../../../services/orchestrator/plan/plan-submission.ts'

const PLAN = { steps: [{ id: 'a', agent: 'x' }] }

t.test('a plan that the client brings along is the plan', async (t) => {
  t.strictSame(planSubmission('plan', { plan: PLAN }), {
    plan: PLAN,
    input: {},
    deadlineMs: DEFAULTS.taskDeadlineMs,
  })
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

t.test('a template gives its plan, its time and what a submission leaves out', async (t) => {
  const planned = planSubmission(
    'plan',
    { template: 'count-notes', input: { text: 'x' } },
    planTemplateExample,
  )
  t.strictSame(planned, {
    plan: planTemplateExample.plan,
    input: { text: 'x', title: 'Notes' },
    deadlineMs: DEFAULTS.taskDeadlineMs,
    template: 'count-notes@2',
  })
  const hour = planSubmission(
    'plan',
    { input: { text: 'x' } },
    { ...planTemplateExample, deadlineMs: 3_600_000 },
  )
  t.equal(hour.deadlineMs, 3_600_000)
})

t.test('a submission names a template or brings a plan along', async (t) => {
  t.equal(templateIn('plan', { template: 'a@1' }), 'a@1')
  t.equal(templateIn('report', {}), undefined)
  const issues = (message: string) => ({
    code: 'INVALID_SUBMISSION',
    issues: [{ path: 'template', message }],
  })
  t.throws(
    () => templateIn('plan', { template: 'a', plan: PLAN }),
    issues('stands beside a plan: one of them'),
  )
  t.throws(() => templateIn('report', { template: 'a' }), issues('only for type "plan"'))
})
