import t from 'tap'
import { openApprovalExample } from '#schemas/task-controls.ts'
import { inboxRow, questionLines } from '../../../services/cli/controls/render-inbox.ts'

const open = openApprovalExample
const texts = (about: Partial<typeof open>) =>
  inboxRow({ ...open, ...about }, open.sinceMs + 90_000).map(({ text }) => text)

t.test('whom it was handed on to, by whom and why', (t) => {
  const handedOn = [{ to: ['board'], by: 'anna', keep: true, reason: 'not mine', atMs: 1, escalations: 0 }]
  const open = { ...openApprovalExample, assignees: ['finance', 'board'], handedOn }
  t.ok(inboxRow(open, open.sinceMs).some(({ text }) => text === 'finance, board (handed on)'))
  t.ok(questionLines(open).includes('Handed on to board, too by anna: not mine'))
  t.end()
})

t.test('a line of the inbox says what, since when, and for whom', async (t) => {
  t.strictSame(texts({}), ['kq3v9x', 'release', '1', '1 min 30 s', '', 'finance', 'Pay 4,200 EUR to ACME?'])
  t.strictSame(texts({ assignees: [], untilMs: open.sinceMs + 150_000 }).slice(3, 6), [
    '1 min 30 s',
    '1 min 00 s',
    'anybody',
  ])
  t.equal(texts({ assignees: ['a', 'b'], escalations: 1 })[5], 'a, b (escalated)')
})

t.test('a single question is shown whole', async (t) => {
  const lines = questionLines({
    ...open,
    approval: {
      title: 'x',
      description: 'two\nlines',
      editable: true,
      form: [
        { name: 'why', type: 'string', required: true, label: 'Why' },
        { name: 'how', type: 'choice', choices: ['a', 'b'] },
      ],
    },
  })
  t.strictSame(lines, [
    'two',
    'lines',
    'Subject (may be changed)',
    '  {',
    '    "amount": 4200',
    '  }',
    'To fill in (--value NAME=VALUE)',
    '  why: string, required  Why',
    '  how: a | b',
  ])
})
