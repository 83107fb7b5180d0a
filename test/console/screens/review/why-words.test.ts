import t from 'tap'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import { whyRaised } from '../../../../services/console/screens/review/why-words.ts'
import { alertOf } from '../../../cli/monitor-fixtures.ts'

const request = monitorRequestSchema.parse({
  source: { kind: 'scene', scenario: 'yard' },
  camera: 'yard',
  minScore: 0.5,
  zones: [
    {
      id: 'gate',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
  ],
  rules: [
    { id: 'gate-access', kind: 'intrusion', zone: 'gate' },
    { id: 'many', kind: 'crowd', minCount: 3 },
  ],
})
const saidOf = (rows: { name: string; value: string }[], name: string) =>
  rows.find((row) => row.name === name)?.value

t.test('the rule, the object and its margin', async (t) => {
  const rows = whyRaised(alertOf('m'), request)
  t.equal(saidOf(rows, 'Rule'), 'gate-access (intrusion)')
  t.equal(saidOf(rows, 'It says'), 'persons or vehicles enter gate')
  t.equal(saidOf(rows, 'person 3'), '83 % sure, 33 points above the threshold')
  t.equal(saidOf(whyRaised(alertOf('m'), undefined), 'person 3'), '83 % sure')
})

t.test('a crowd says how many there were and how many it takes', async (t) => {
  const rule = { id: 'many', kind: 'crowd', severity: 'high', cooldownMs: 0 } as const
  t.equal(saidOf(whyRaised(alertOf('m', { rule, count: 5 }), request), 'Count'), '5, the rule begins at 3')
})

t.test('a label has its own threshold before its class', async (t) => {
  const scores = { person: 0.7 }
  t.equal(
    saidOf(whyRaised(alertOf('m'), { ...request, scores }), 'person 3'),
    '83 % sure, 13 points above the threshold',
  )
})
