import t from 'tap'
import { kindOfField } from '../../../../services/console/screens/submit/form-kinds.ts'
import { formOf } from '../../../../services/console/screens/submit/form-schema.ts'

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
