import t from 'tap'
import { createNovelty, NEW } from '../../../../../services/agents/video/capture/motion/novelty.ts'

const GRID = { columns: 64, rows: 32 }

/** Squares that move: two by two at each of these places. */
function moving(...places: readonly (readonly [column: number, row: number])[]): Uint8Array {
  const moved = new Uint8Array(GRID.columns * GRID.rows)
  for (const [column, row] of places)
    for (const [x, y] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const)
      moved[(row + y) * GRID.columns + column + x] = 1
  return moved
}

t.test('what moves in its place is new for a moment, and again after a pause', async (t) => {
  const novelty = createNovelty(GRID)
  const tree = moving([10, 10])
  for (let atMs = 0; atMs < NEW.lastsMs; atMs += 100) t.ok(novelty.isNew(tree, [], atMs))
  for (let atMs = NEW.lastsMs; atMs < 6000; atMs += 100) t.notOk(novelty.isNew(tree, [], atMs))
  t.notOk(novelty.isNew(moving(), [], 6000))
  t.notOk(novelty.isNew(tree, [], 6500), 'it only held still')
  t.ok(novelty.isNew(tree, [], 6500 + NEW.afterMs + 1))
})

t.test('what begins elsewhere is new while something else goes on', async (t) => {
  const novelty = createNovelty(GRID)
  for (let atMs = 0; atMs <= 1000; atMs += 100) novelty.isNew(moving([10, 10]), [], atMs)
  t.ok(novelty.isNew(moving([10, 10], [50, 20]), [], 1100))
})

t.test(
  'a tracked object is not new wherever it goes, nor is its shadow; what is far from it is',
  async (t) => {
    const novelty = createNovelty(GRID)
    t.notOk(novelty.isNew(moving([32, 16], [36, 18]), [[0.48, 0.4, 0.56, 0.7]], 0))
    t.ok(novelty.isNew(moving([32, 16], [2, 2]), [[0.48, 0.4, 0.56, 0.7]], 100))
  },
)

t.test('a single square is a grain', async (t) => {
  const moved = new Uint8Array(GRID.columns * GRID.rows)
  moved[100] = 1
  t.notOk(createNovelty(GRID).isNew(moved, [], 0))
})

t.test('boxes beyond the border are cut there', async (t) => {
  const novelty = createNovelty(GRID)
  t.notOk(
    novelty.isNew(
      moving([0, 0], [62, 30]),
      [
        [-0.2, -0.2, 0.1, 0.2],
        [0.9, 0.9, 1.3, 1.2],
      ],
      0,
    ),
  )
})
