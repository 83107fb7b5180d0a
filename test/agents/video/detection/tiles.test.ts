import t from 'tap'
import { chooseSizes, modelBytes } from '../../../../services/agents/video/capture/decode/decode-plan.ts'
import { assertFits } from '../../../../services/agents/video/capture/decode/tile-plan.ts'
import type { Candidate } from '../../../../services/agents/video/detection/heads/head.ts'
import { inFrame, partsOf } from '../../../../services/agents/video/detection/tiles.ts'
import { frame } from './detection-fixtures.ts'

const SQUARE = [{ width: 416, height: 416 }]
const at = (left: number, top: number, right: number, bottom: number): Candidate => ({
  ...{ class: 'person', label: 'person', score: 0.9 },
  ...{ left, top, right, bottom },
})

t.test('a frame for tiles is as large as they are together, without a border', async (t) => {
  const sizes = chooseSizes({ width: 1920, height: 1080 }, SQUARE, { columns: 2, rows: 1 })
  t.strictSame(sizes.part, SQUARE[0])
  t.strictSame(sizes.input, sizes.content)
  t.strictSame(sizes.content, { width: 740, height: 416 }, 'nearly twice as fine as 416 × 234')
  assertFits(modelBytes(sizes), { columns: 2, rows: 1 }, modelBytes(sizes))
  t.throws(() => assertFits(modelBytes(sizes), { columns: 2, rows: 1 }, modelBytes(sizes) - 1), {
    code: 'LIMIT_EXCEEDED',
    message: /frames for 2x1 tiles have 0\.9 MB, NATS takes 0\.9 MB/,
  })
})

t.test('the whole and its tiles: every pixel of the frame is in one of them, where it was', async (t) => {
  const tiled = frame({
    ...{ width: 100, height: 60, contentWidth: 100, contentHeight: 60 },
    tiles: { columns: 2, rows: 1, width: 64, height: 64 },
  })
  tiled.planes.forEach((_, i) => {
    tiled.planes[i] = i % 251
  })
  const [whole, ...tiles] = partsOf(tiled)
  t.match(whole!.picture.header, { width: 64, height: 64, contentWidth: 64, contentHeight: 38 })
  t.strictSame(
    tiles.map(({ left, top, scale }) => [left, top, scale]),
    [
      [0, 0, 1],
      [36, 0, 1],
    ],
  )
  const pixel = (of: (typeof tiles)[number], x: number, y: number) => of.picture.planes[y * 64 + x]
  t.equal(pixel(tiles[0]!, 10, 5), tiled.planes[5 * 100 + 10])
  t.equal(pixel(tiles[1]!, 63, 59), tiled.planes[59 * 100 + 99])
  t.strictSame(partsOf(frame()).length, 1, 'a frame that is not cut is looked at as it is')
})

t.test(
  'what is seen in a part is told where it is in the frame; at an inner edge it is cut off',
  async (t) => {
    const tiled = frame({
      ...{ width: 100, height: 60, contentWidth: 100, contentHeight: 60 },
      tiles: { columns: 2, rows: 1, width: 64, height: 64 },
    })
    const [whole, left, right] = partsOf(tiled)
    t.match(inFrame(at(10, 5, 20, 30), right!, tiled), { left: 46, top: 5, right: 56, bottom: 30 })
    t.ok(inFrame(at(0, 5, 20, 30), right!, tiled).isCutOff, 'at the edge between the two')
    t.notOk(inFrame(at(0, 5, 20, 30), left!, tiled).isCutOff, 'at the edge of the picture it is not')
    t.ok(inFrame(at(50, 5, 64, 30), left!, tiled).isCutOff)
    const box = inFrame(at(32, 19, 64, 38), whole!, tiled)
    t.strictSame([Math.round(box.left), Math.round(box.right)], [50, 100])
  },
)
