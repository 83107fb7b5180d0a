import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { curve, NODE, placeSteps } from '../../../../services/console/screens/task/graph-layout.ts'

t.test('the steps of a plan are placed without overlap, each after what it needs', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(19), { maxLength: 3 }), { minLength: 1, maxLength: 20 }),
      (needs) => {
        const steps = needs.map((of, index) => ({
          id: `s${index}`,
          agent: 'a',
          needs: [...new Set(of.filter((one) => one < index).map((one) => `s${one}`))],
        }))
        const { nodes, edges, width, height } = placeSteps({ steps }, 'LR')
        assert.strictEqual(nodes.length, steps.length)
        assert.strictEqual(edges.length, steps.flatMap((step) => step.needs).length)
        const at = new Map(nodes.map((node) => [node.id, node]))
        for (const { id, needs: own } of steps)
          for (const need of own) assert.ok(at.get(need)!.x + NODE.width <= at.get(id)!.x)
        for (const [index, a] of nodes.entries()) {
          assert.ok(a.x >= 0 && a.y >= 0 && a.x + NODE.width <= width && a.y + NODE.height <= height)
          for (const b of nodes.slice(index + 1))
            assert.ok(Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height)
        }
      },
    ),
    { numRuns: 40 },
  )
})

t.test('a line goes from its first point to its last', async (t) => {
  t.equal(curve([]), '')
  t.match(
    curve([
      { x: 1, y: 2 },
      { x: 3, y: 4 },
      { x: 5, y: 6 },
    ]),
    /^M1 2.*L5 6$/,
  )
})
