import t from 'tap'
import type { ApprovalField } from '#schemas/approval.ts'
import { emptyForm, readForm, readSubject } from '../../../../services/console/screens/inbox/approval-form.ts'

const fields: ApprovalField[] = [
  { name: 'why', type: 'string', required: true },
  { name: 'sum', type: 'number', required: true },
  { name: 'count', type: 'integer' },
  { name: 'sure', type: 'boolean' },
  { name: 'place', type: 'choice', choices: ['north', 'south'] },
]

t.test('an empty form says what is needed', async (t) => {
  const { values, faults } = readForm(fields, emptyForm(fields))
  t.strictSame(values, { sure: false })
  t.strictSame(faults, { why: 'is needed', sum: 'is needed' })
})

t.test('values have their types', async (t) => {
  const form = { why: ' ok ', sum: '4.5', count: '3', sure: true, place: 'south' }
  t.strictSame(readForm(fields, form), {
    values: { why: 'ok', sum: 4.5, count: 3, sure: true, place: 'south' },
    faults: {},
  })
})

t.test('what does not fit is said by field', async (t) => {
  const { faults } = readForm(fields, { why: 'x', sum: '4 EUR', count: '1.5', place: 'west' })
  t.strictSame(faults, {
    sum: 'must be a number',
    count: 'must be a whole number',
    place: 'is none of the choices',
  })
})

t.test('a changed subject is JSON', async (t) => {
  t.strictSame(readSubject('{"n":1}'), { subject: { n: 1 } })
  t.match(readSubject('{n'), { fault: /./ })
})
