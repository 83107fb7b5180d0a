import fc from 'fast-check'
import t from 'tap'
import {
  fitText,
  placeLabels,
  textWidth,
} from '../../../../../services/agents/report/synthesis/charts/label-layout.ts'

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
