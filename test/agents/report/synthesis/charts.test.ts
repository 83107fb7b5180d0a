import fc from 'fast-check'
import t from 'tap'
import {
  fitText,
  placeLabels,
  textWidth,
} from '../../../../services/agents/report/synthesis/charts/label-layout.ts'
import { rowPosition } from '../../../../services/agents/report/synthesis/charts/row-marks.ts'
import {
  niceDomain,
  niceTicks,
  tickDecimals,
  timeTicks,
} from '../../../../services/agents/report/synthesis/charts/scale.ts'

t.test('ticks are round numbers inside the domain', async (t) => {
  t.same(niceTicks([0, 1], 5), [0, 0.2, 0.4, 0.6, 0.8, 1])
  t.same(niceTicks([-37, 112], 4), [0, 50, 100])
  t.same(niceDomain([315.98, 421.08], 5), [300, 450])
  t.same(niceDomain([5, 5], 5), [4.5, 5.5])
  t.equal(tickDecimals([0, 0.25]), 1)
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-4, max: 1e9, noNaN: true }),
      (low, size) => {
        const domain = niceDomain([low, low + size], 5)
        const ticks = niceTicks(domain, 5)
        return domain[0] <= low + 1e-9 * (Math.abs(low) + size) && ticks.length >= 2 && ticks.length <= 12
      },
    ),
    { numRuns: 300 },
  )
})

t.test('dates are round and have room', async (t) => {
  const ticks = timeTicks([Date.UTC(1959, 0, 1), Date.UTC(2023, 0, 1)], 660)
  t.same(
    ticks.map(({ label }) => label),
    ['1960', '1970', '1980', '1990', '2000', '2010', '2020'],
  )
  const months = timeTicks([Date.UTC(2023, 0, 15), Date.UTC(2023, 11, 15)], 600)
  t.same(
    months.map(({ label }) => label),
    ['Apr 2023', 'Jul 2023', 'Oct 2023'],
  )
  t.ok(timeTicks([0, 60_000], 300).length >= 1)
})

t.test('labels touch neither each other nor the edge', async () => {
  const bounds = { left: 0, top: 0, right: 700, bottom: 300 }
  const point = fc.record({
    x: fc.integer({ min: 0, max: 700 }),
    y: fc.integer({ min: 0, max: 300 }),
    text: fc.constantFrom('2012: 3.57', 'Mar 2020: −12'),
  })
  fc.assert(
    fc.property(fc.array(point, { maxLength: 12 }), (requests) => {
      const placed = placeLabels(requests, { bounds, fontPx: 12, curve: [], taken: [] })
      const boxes = placed.map(({ x, y, text }) => ({
        left: x,
        right: x + textWidth(text, 12),
        top: y - 11,
        bottom: y + 3,
      }))
      return boxes.every(
        (box, index) =>
          box.left >= -0.001 &&
          box.right <= 700.001 &&
          boxes.every(
            (other, position) =>
              position === index ||
              box.right <= other.left ||
              other.right <= box.left ||
              box.bottom <= other.top ||
              other.bottom <= box.top,
          ),
      )
    }),
    { numRuns: 200 },
  )
})

t.test('text is cut to its room by graphemes', async (t) => {
  t.equal(fitText('short', 100, 12), 'short')
  t.match(fitText('a very long name of a column', 80, 12), /^a very.*…$/)
  t.equal(fitText('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 1, 12), '👩‍👩‍👧…')
})

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
