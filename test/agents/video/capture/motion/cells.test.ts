import fc from 'fast-check'
import t from 'tap'
import { CELL_EDGE, gridOf, measureCells } from '../../../../../services/agents/video/capture/motion/cells.ts'

t.test('a square is the mean of its pixels, whether words or bytes are read', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: 3 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (columns, rows, border, offset, bytes) => {
        const stride = columns * CELL_EDGE + border
        const height = rows * CELL_EDGE
        const plane = new Uint8Array(stride * height + offset).subarray(offset)
        for (let i = 0; i < plane.length; i++) plane[i] = bytes.next().value!
        const grid = gridOf({ width: columns * CELL_EDGE, height })
        const cells = new Float32Array(grid.columns * grid.rows)
        measureCells(plane, { stride }, grid, cells)
        return [...cells].every((cell, i) => {
          const left = (i % columns) * CELL_EDGE
          const top = Math.floor(i / columns) * CELL_EDGE
          let sum = 0
          for (let y = 0; y < CELL_EDGE; y++)
            for (let x = 0; x < CELL_EDGE; x++) sum += plane[(top + y) * stride + left + x]!
          return cell === sum / CELL_EDGE ** 2
        })
      },
    ),
    { numRuns: 200 },
  )
})

t.test('what is left over at the right and the bottom is no square', async (t) => {
  t.strictSame(gridOf({ width: 419, height: 234 }), { columns: 104, rows: 58 })
  t.strictSame(gridOf({ width: 3, height: 3 }), { columns: 0, rows: 0 })
})
