import t from 'tap'
import { formValues } from '../../../services/cli/controls/read-answer.ts'

t.test('values are of the type that their field has', async (t) => {
  const form = [
    { name: 'n', type: 'number' as const },
    { name: 'i', type: 'integer' as const },
    { name: 'b', type: 'boolean' as const },
    { name: 's', type: 'string' as const },
    { name: 'c', type: 'choice' as const, choices: ['1', '2'] },
  ]
  t.strictSame(formValues(['n=1.5', 'i=-3', 'b=false', 's=7', 'c=1'], form), {
    n: 1.5,
    i: -3,
    b: false,
    s: '7',
    c: '1',
  })
  t.strictSame(formValues(['s=a=b', 'odd=1'], form), { s: 'a=b', odd: '1' })
  t.strictSame(
    formValues(['n=many', 'i=', 'b=yes'], form),
    { n: 'many', i: '', b: 'yes' },
    'for the service to refuse',
  )
  t.strictSame(formValues(['x=1']), { x: '1' })
})

t.test('what is no value is refused', async (t) => {
  for (const text of ['x', '=1', '']) t.throws(() => formValues([text]), { code: 'USAGE' }, text)
  t.throws(() => formValues(['x=1', 'x=2']), { code: 'USAGE', message: /twice/ })
})
