import t from 'tap'
import {
  addBall,
  addBox,
  addQuad,
  addTriangle,
  addTube,
  addVertex,
  clearMesh,
  createMesh,
  type Mesh,
  STRIDE,
  smoothNormals,
} from '../../../../../services/agents/video/scenes/raster/mesh.ts'

const GREY = { color: [0.5, 0.5, 0.5] } as const
const position = ({ data }: Mesh, i: number) => [...data.subarray(i * STRIDE, i * STRIDE + 3)]
const normal = ({ data }: Mesh, i: number) => [...data.subarray(i * STRIDE + 3, i * STRIDE + 6)]

t.test('a vertex carries position, normal, colour, gloss and glow', async (t) => {
  const mesh = createMesh()
  t.equal(addVertex(mesh, [1, 2, 3], { color: [0.25, 0.5, 0.75], gloss: 0.125, glow: 2 }, [0, 1, 0]), 0)
  t.equal(addVertex(mesh, [4, 5, 6], GREY), 1)
  t.strictSame([...mesh.data.subarray(0, STRIDE)], [1, 2, 3, 0, 1, 0, 0.25, 0.5, 0.75, 0.125, 2])
  t.strictSame(normal(mesh, 1), [0, 0, 0])
})

t.test('a mesh grows beyond its first arrays, and is empty after it was cleared', async (t) => {
  const mesh = createMesh()
  for (let i = 0; i < 3000; i++) addVertex(mesh, [i, 0, 0], GREY)
  for (let i = 0; i < 3000; i++) addTriangle(mesh, i, i, i)
  t.strictSame(position(mesh, 2999), [2999, 0, 0])
  t.equal(mesh.indices, 9000)
  t.equal(mesh.triangles[8999], 2999)
  t.strictSame([clearMesh(mesh).vertices, mesh.indices], [0, 0])
})

t.test('a quad faces away from the inside, in whatever order its corners come', async (t) => {
  const corners = [
    [0, 0, 1],
    [1, 0, 1],
    [1, 1, 1],
    [0, 1, 1],
  ] as const
  const [a, b, c, d] = corners
  for (const order of [
    [a, b, c, d],
    [d, c, b, a],
  ] as const) {
    const mesh = createMesh()
    addQuad(mesh, order, GREY, [0.5, 0.5, 0])
    t.strictSame(normal(mesh, 0).map(Math.abs), [0, 0, 1])
    t.equal(normal(mesh, 0)[2], 1)
    t.strictSame([mesh.vertices, mesh.indices], [4, 6])
  }
})

t.test('a box has five faces: nobody sees it from below', async (t) => {
  const mesh = createMesh()
  addBox(mesh, [0, 0, 0], [1, 2, 3], GREY)
  t.strictSame([mesh.vertices, mesh.indices], [20, 30])
  const normals = new Set(Array.from({ length: 20 }, (_, i) => normal(mesh, i).map(Math.round).join()))
  t.equal(normals.size, 5)
  t.notOk(normals.has('0,-1,0'))
})

t.test('a tube is closed: rings, sides and two caps', async (t) => {
  const mesh = createMesh()
  const ring = (y: number) => ({ at: [0, y, 0] as const, wide: 1, deep: 0.5, color: GREY.color })
  addTube(mesh, [ring(0), ring(2)], [1, 0, 0], 8)
  t.equal(mesh.vertices, 2 * 8 + 2)
  t.equal(mesh.indices, (2 * 8 + 2 * 8) * 3)
  const xs = Array.from({ length: 16 }, (_, i) => position(mesh, i)[0]!)
  const zs = Array.from({ length: 16 }, (_, i) => position(mesh, i)[2]!)
  t.equal(Math.max(...xs), 1)
  t.equal(Math.max(...zs), 0.5)
})

t.test('a ball reaches its radii, and its finish is asked for each band', async (t) => {
  const mesh = createMesh()
  addBall(mesh, [0, 1, 0], [1, 2, 1], (up) => (up > 0 ? [1, 0, 0] : [0, 0, 1]), 12)
  const ys = Array.from({ length: mesh.vertices }, (_, i) => position(mesh, i)[1]!)
  t.ok(Math.abs(Math.min(...ys) + 1) < 1e-6 && Math.abs(Math.max(...ys) - 3) < 1e-6)
  t.equal(mesh.data[6], 0, 'red at the lower end')
  t.equal(mesh.data[(mesh.vertices - 1) * STRIDE + 6], 1, 'red at the upper end')
})

t.test('smooth normals are the mean of the faces around, of length 1', async (t) => {
  const mesh = createMesh()
  for (const at of [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ] as const)
    addVertex(mesh, at, GREY)
  addTriangle(mesh, 0, 1, 2)
  addTriangle(mesh, 0, 2, 3)
  smoothNormals(mesh, 0, 0)
  t.ok(normal(mesh, 0).every((value, i) => Math.abs(value - [Math.SQRT1_2, 0, Math.SQRT1_2][i]!) < 1e-6))
  t.strictSame(normal(mesh, 1), [0, 0, 1])
})
