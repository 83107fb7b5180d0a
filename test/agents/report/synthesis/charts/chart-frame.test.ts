import fc from 'fast-check'
import t from 'tap'
import {
  type FrameRequest,
  layOutFrame,
  numberTicks,
} from '../../../../../services/agents/report/synthesis/charts/chart-frame.ts'
import { textWidth } from '../../../../../services/agents/report/synthesis/charts/label-layout.ts'

const labels = (low: number, high: number) => numberTicks([low, high], 5).map(({ label }) => label)
const frame = (about: Partial<FrameRequest> = {}) =>
  layOutFrame({
    width: 600,
    height: 300,
    headroom: 0,
    xDomain: [1, 50],
    xKind: 'row',
    yDomain: [0, 9],
    ...about,
  })

t.test('tick labels have the decimals that tell them apart, and a true minus', async (t) => {
  t.strictSame(labels(0, 1), ['0', '0.2', '0.4', '0.6', '0.8', '1.0'])
  t.strictSame(labels(-10, 10), ['−10', '−5', '0', '5', '10'])
  t.strictSame(labels(0, 400_000), ['0', '100K', '200K', '300K', '400K'])
  t.strictSame(labels(0, 20_000), ['0', '5000', '10,000', '15,000', '20,000'])
})

t.test('the plot has room for its labels, its axis is widened to round numbers', async (t) => {
  const { left, right, top, bottom, x, y } = frame()
  t.strictSame([x(1), x(50)], [left, right])
  t.strictSame([y(0), y(10)], [bottom, top], '9 becomes 10')
  t.ok(frame({ yDomain: [0, 1e9] }).left > left, 'wider labels need more room')
  t.equal(frame({ headroom: 36 }).top, top + 36)
})

t.test('rows have whole numbers from 1', async (t) => {
  for (const { at } of frame({ xDomain: [0, 3] }).xTicks) t.ok(Number.isInteger(at) && at >= 1, String(at))
  t.strictSame(
    frame({ xDomain: [0, Date.UTC(2000, 0, 1)], xKind: 'time' }).xTicks.map(({ label }) => label),
    ['1970', '1975', '1980', '1985', '1990', '1995', '2000'],
  )
})

t.test('labels of the x axis never run into each other', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e7 }),
      fc.integer({ min: 1, max: 1e7 }),
      fc.integer({ min: 200, max: 1200 }),
      (low, size, width) => {
        const { x, xTicks } = frame({ width, xDomain: [low, low + size] })
        const ends = xTicks.map(({ at, label }) => [x(at), textWidth(label, 12) / 2] as const)
        return ends.every(([at, half], i) => i === 0 || at - half >= ends[i - 1]![0] + ends[i - 1]![1])
      },
    ),
    { numRuns: 200 },
  )
})
