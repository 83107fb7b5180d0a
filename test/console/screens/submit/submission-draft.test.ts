import t from 'tap'
import { submissionSchema } from '#schemas/submission.ts'
import {
  type Draft,
  submissionOf,
  submitCommand,
} from '../../../../services/console/screens/submit/submission-draft.ts'

const draft: Draft = { kind: 'report', plan: '', input: { sources: [] }, labels: '', priority: '', key: '' }

t.test('a draft is a submission, or says why not', async (t) => {
  const full = { ...draft, labels: 'team=north\n a = b=c ', priority: '0', key: 'k1' }
  const built = submissionOf(full)
  t.strictSame(built, {
    submission: {
      type: 'report',
      input: { sources: [] },
      labels: { team: 'north', a: 'b=c' },
      priority: 0,
      idempotencyKey: 'k1',
    },
  })
  if ('submission' in built) t.ok(submissionSchema.safeParse(built.submission).success)
  t.match(submissionOf({ ...draft, labels: 'none' }), { fault: /Label 1/ })
  t.match(submissionOf({ ...draft, kind: 'plan', plan: '{' }), { fault: /no JSON/ })
  t.strictSame(submissionOf({ ...draft, kind: 'plan', plan: '{"steps":[]}', input: {} }), {
    submission: { type: 'plan', plan: { steps: [] } },
  })
  t.match(submissionOf({ ...draft, kind: 'template:weekly' }), { submission: { template: 'weekly' } })
})

t.test('as a command it says all of the submission', async (t) => {
  const simple = { type: 'report', input: { sources: [] }, labels: { 'a=b': 'c' }, idempotencyKey: 'k1' }
  t.strictSame(submitCommand(simple), {
    murmur: [
      ...['submit', '--type', 'report', '--input', '{"sources":[]}', '--label', 'a\\=b=c', '--key', 'k1'],
    ],
  })
  const urgent = { ...simple, priority: 0 }
  t.strictSame(submitCommand(urgent), { murmur: ['submit', '-'], murmurInput: urgent })
  const plan = { type: 'plan', plan: { steps: [] } }
  t.strictSame(submitCommand(plan), { murmur: ['submit', '-'], murmurInput: plan })
})
