import t from 'tap'
import { rowPosition } from '../../../../../services/agents/report/synthesis/charts/row-marks.ts'

t.test('a row is found on the axis by number, date or value', async (t) => {
  const day = 86_400_000
  const series = {
    xKind: 'time' as const,
    points: [
      [0, 1],
      [day, 7],
      [2 * day, 7],
    ] as [number, number][],
  }
  t.equal(rowPosition({ row: 3 }, { ...series, xKind: 'row' }, 3), 3)
  t.equal(rowPosition({ row: 9, label: '1970-01-02' }, series, 3), day)
  t.equal(rowPosition({ row: 3, value: 7 }, series, 3), 2 * day)
  t.equal(rowPosition({ row: 3, value: 8 }, series, 3), undefined)
  t.equal(rowPosition({ row: 2 }, series, 3), day)
  t.equal(rowPosition({ row: 2 }, series, 300), undefined)
})
