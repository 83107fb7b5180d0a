import t from 'tap'
import { type Approval, approvalSchema } from '#schemas/approval.ts'
import { type ApprovalAnswer, checkApprovalAnswer } from '#workflow/decide/approval-answer.ts'

const APPROVAL: Approval = approvalSchema.parse({
  title: 'Pay?',
  form: [
    { name: 'amount', type: 'number', required: true },
    { name: 'pieces', type: 'integer' },
    { name: 'express', type: 'boolean' },
    { name: 'note', type: 'string' },
    { name: 'account', type: 'choice', choices: ['main', 'reserve'] },
  ],
})

function pathsOf(about: Partial<ApprovalAnswer>, approval: Partial<Approval> = {}): string[] {
  const answer: ApprovalAnswer = { decision: 'approved', by: 'kim', ...about }
  const issues = checkApprovalAnswer({ ...APPROVAL, ...approval }, answer)
  for (const { message } of issues) t.match(message, /\w/)
  return issues.map(({ path }) => path)
}

t.test('an answer suits the form', async (t) => {
  const amount = 3.5
  t.strictSame(pathsOf({ values: { amount } }), [])
  t.strictSame(
    pathsOf({ values: { amount, pieces: 2, express: false, note: '', account: 'reserve' } }),
    [],
    'all of it',
  )
  t.strictSame(pathsOf({ values: { amount, note: null } }), [], 'a field that is left empty')
  const wrong: [name: string, value: unknown][] = [
    ['amount', '3.5'],
    ['pieces', 2.5],
    ['pieces', 2 ** 60],
    ['express', 'yes'],
    ['note', 7],
    ['note', 'x'.repeat(10_001)],
    ['account', 'other'],
    ['account', 0],
    ['account', ['main']],
    ['toString', 'x'],
    ['__proto__', 'x'],
  ]
  for (const [name, value] of wrong) {
    const values = JSON.parse(JSON.stringify({ amount, [`${name}`]: value }))
    t.strictSame(pathsOf({ values }), [`values.${name}`], `${name} ${JSON.stringify(value).slice(0, 20)}`)
  }
})

t.test('what is required is asked of approvals only', async (t) => {
  t.strictSame(pathsOf({}), ['values.amount'])
  t.strictSame(pathsOf({ values: { amount: null } }), ['values.amount'])
  t.strictSame(pathsOf({ decision: 'rejected' }), [])
  t.strictSame(pathsOf({ decision: 'rejected', values: { pieces: 'x' } }), ['values.pieces'])
})

t.test('a subject is changed where it may be, and with an approval', async (t) => {
  const bare = { form: [] }
  t.strictSame(pathsOf({ subject: { n: 1 } }, bare), ['subject'])
  t.strictSame(pathsOf({ subject: { n: 1 } }, { ...bare, editable: true }), [])
  t.strictSame(pathsOf({ subject: null }, { ...bare, editable: true }), [], 'nothing is a subject, too')
  t.strictSame(pathsOf({ subject: 1, decision: 'rejected' }, { ...bare, editable: true }), ['subject'])
  t.strictSame(pathsOf({ subject: 'x'.repeat(65_537) }, { ...bare, editable: true }), [''], 'too large')
  t.strictSame(pathsOf({ values: { extra: 1 } }, bare), ['values.extra'], 'no form, no values')
})
