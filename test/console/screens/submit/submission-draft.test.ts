import t from 'tap'
import { submissionSchema } from '#schemas/submission.ts'
import { emptyValue, kindOfField, withField } from '../../../../services/console/screens/submit/form-kinds.ts'
import { formOf, formOfTemplate } from '../../../../services/console/screens/submit/form-schema.ts'
import { type Draft, submissionOf } from '../../../../services/console/screens/submit/submission-draft.ts'

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

t.test('forms are made of the schemas by which submissions are checked', async (t) => {
  for (const type of ['report', 'monitor'] as const) {
    const { schema, example } = formOf(type)
    t.ok(Object.keys(schema.properties ?? {}).length >= 2, type)
    for (const name of schema.required ?? []) t.ok(name in example, `${type} ${name}`)
  }
  t.equal(kindOfField(formOf('report').schema.properties!.sources!), 'list')
  t.equal(kindOfField(formOf('monitor').schema.properties!.source!), 'json')
  t.equal(kindOfField(formOf('monitor').schema.properties!.loop!), 'boolean')
})

t.test('what a template takes is a form', async (t) => {
  const form = formOfTemplate({
    city: { type: 'string' },
    days: { type: 'integer', default: 7, minimum: 1 },
    note: { type: 'string', optional: true },
    any: { type: 'any' },
  })
  t.strictSame(form.required, ['city', 'any'])
  t.strictSame(Object.values(form.properties!).map(kindOfField), ['text', 'number', 'text', 'json'])
  t.equal(emptyValue(form.properties!.days!), 7)
  t.strictSame(withField(withField({ a: 1 }, 'b', 2), 'a', undefined), { b: 2 })
})
