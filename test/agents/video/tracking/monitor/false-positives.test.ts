import t from 'tap'
import type { Detection } from '#schemas/detection.ts'
import type { FalsePositive } from '#schemas/false-positive.ts'
import { EVERYWHERE, play, trembling } from '../scripts.ts'
import { person } from '../tracking-fixtures.ts'

const sign: Detection = { class: 'person', label: 'person', score: 0.6, box: [0.7, 0.4, 0.73, 0.52] }
const learned: FalsePositive = {
  ...{
    id: 'f1',
    camera: 'script',
    class: 'person',
    label: 'person',
    box: sign.box,
    alert: 'a1',
    markedAtMs: 0,
  },
}
const rules = [
  { id: 'anything', kind: 'intrusion' as const, zone: 'all' },
  { id: 'crowd', kind: 'crowd' as const, zone: 'all', minCount: 2, holdMs: 0 },
]
const run = (at: (ms: number) => Detection[], falsePositives: FalsePositive[], seconds = 30) =>
  play({ seconds, at, fps: 10 }, { zones: [EVERYWHERE], rules }, { falsePositives }).events.map(
    ({ rule, falsePositive }) => (falsePositive ? `${rule.id} (${falsePositive})` : rule.id),
  )

t.test('what is learned is counted and not told, in any monitor; others are told as ever', async (t) => {
  const seen = trembling(1, { missed: 0 })
  const alone = () => seen([sign])
  t.strictSame(run(alone, []), ['anything'])
  t.strictSame(run(alone, [learned]), ['anything (f1)'])
  t.strictSame(run(alone, [{ ...learned, box: [0.2, 0.4, 0.23, 0.52] }]), ['anything'], 'elsewhere')
  t.strictSame(run(alone, [{ ...learned, preset: 2 }]), ['anything'], 'in another view')
  const passer = (ms: number) =>
    seen([sign, ...(ms > 5000 && ms < 14_000 ? [person([0.2 + (ms - 5000) / 13_000, 0.53])] : [])])
  t.strictSame(
    run(passer, [learned]),
    ['anything (f1)', 'anything'],
    'who passes it is told, and two are no crowd',
  )
})

t.test('somebody who appears there and walks off is told', async (t) => {
  const seen = trembling(2, { missed: 0 })
  const at = (ms: number) =>
    seen(
      [person([0.715 - Math.max(0, ms - 2000) / 15_000, 0.52])].map((one) => ({
        ...one,
        box: [one.box[0] + 0.005, 0.4, one.box[2] - 0.005, 0.52] as Detection['box'],
      })),
    )
  t.strictSame(run(at, [learned], 8), ['anything (f1)', 'anything'])
})
