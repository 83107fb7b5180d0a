import t from 'tap'
import { emptyValue, kindOfField, withField } from '../../../../services/console/screens/submit/form-kinds.ts'
import { formOfTemplate } from '../../../../services/console/screens/submit/form-schema.ts'

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
