import t from 'tap'
import { freePathsOf } from '#workflow/expressions/expression-names.ts'
import { parseExpression } from '#workflow/expressions/parse-expression.ts'

t.test('free names with their places, each time that they are read', async (t) => {
  const read = (text: string) => freePathsOf(parseExpression(text).root!)
  t.same(read('a.b + a.b'), [
    { path: ['a', 'b'], start: 0 },
    { path: ['a', 'b'], start: 6 },
  ])
  t.same(read('a.map(x, x + y)'), [
    { path: ['a'], start: 0 },
    { path: ['y'], start: 13 },
  ])
  t.same(read('x.map(x, x.b)'), [{ path: ['x'], start: 0 }], 'a list is not within its own variable')
  t.same(read('a.map(x, b.map(y, x + y)).exists(x, y)').at(-1), { path: ['y'], start: 36 })
  t.same(read('[1].map(x, x > z, x)'), [{ path: ['z'], start: 15 }], 'in the filter of map, too')
  t.same(read('(c ? a : b).d[e].f'), [
    { path: ['c'], start: 1 },
    { path: ['a'], start: 5 },
    { path: ['b'], start: 9 },
    { path: ['e'], start: 14 },
  ])
  t.same(read('{k: v, "w": has(u["x"].y)}'), [
    { path: ['k'], start: 1 },
    { path: ['v'], start: 4 },
    { path: ['u', 'x', 'y'], start: 16 },
  ])
})
