import t from 'tap'
import {
  differenceHash,
  type LumaPlane,
  laplacianVariance,
  lumaOf,
  type Pixels,
} from '../../../../../services/agents/report/ingest/image/image-measures.ts'

const grey = (width: number, height: number, value: (x: number, y: number) => number): LumaPlane =>
  lumaOf(painted(width, height, (x, y) => Array(3).fill(value(x, y))))

t.test('hash: 0 where nothing rises, all bits where everything does', async (t) => {
  t.equal(differenceHash(grey(90, 80, () => 99)), '0'.repeat(16))
  t.equal(differenceHash(grey(90, 80, (x) => x * 2)), 'f'.repeat(16))
  t.equal(differenceHash(grey(90, 80, (x) => 200 - x * 2)), '0'.repeat(16))
  t.match(differenceHash(grey(1, 1, () => 5)), /^0{16}$/, 'one pixel is enough')
})

t.test('sharpness: flat is 0, an edge is not, too small is 0', async (t) => {
  t.equal(laplacianVariance(grey(20, 20, () => 128)), 0)
  t.ok(laplacianVariance(grey(20, 20, (x) => (x < 10 ? 0 : 255))) > 1000)
  t.equal(laplacianVariance(grey(2, 2, (x) => x * 255)), 0)
})

function painted(width: number, height: number, colour: (x: number, y: number) => number[]): Pixels {
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([...colour(x, y), 255].slice(0, 4), (y * width + x) * 4)
  }
  return { data, width, height }
}
