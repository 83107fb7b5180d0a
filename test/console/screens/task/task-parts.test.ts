import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { diffLines } from '../../../../services/console/screens/task/diff-lines.ts'
import { curve, NODE, placeSteps } from '../../../../services/console/screens/task/graph-layout.ts'
import {
  addChunks,
  MAX_STREAMED,
  type StreamedParts,
} from '../../../../services/console/screens/task/streamed-parts.ts'
import { blobsIn, tableOf, textOf } from '../../../../services/console/screens/task/value-kinds.ts'
import { axisTicks } from '../../../../services/console/screens/task/waterfall-bars.ts'

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

t.test('what differs: put together again it is both texts', async () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
    .map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      assert.strictEqual(lines.length === 0, before === after)
      const minus = lines.filter(({ sign }) => sign === '-').length
      const plus = lines.filter(({ sign }) => sign === '+').length
      assert.strictEqual(before.split('\n').length - minus, after.split('\n').length - plus)
    }),
  )
})

t.test('streamed parts: texts are put together, bounded, and a later run begins anew', async (t) => {
  let parts: StreamedParts = new Map()
  const add = (chunks: unknown[], more = {}) => {
    parts = addChunks(parts, {
      stepId: 's',
      attempt: 1,
      delivery: 1,
      atMs: 1,
      from: 1,
      chunks: chunks as never,
      ...more,
    })
  }
  add(['Sales ', 'rose'])
  add([{ a: 1 }])
  t.equal(parts.get('s')?.text, 'Sales rose{"a":1}\n')
  add(['x'.repeat(MAX_STREAMED)])
  t.equal(parts.get('s')?.text.length, MAX_STREAMED)
  t.equal(parts.get('s')?.cut, 18)
  add(['again'], { restarts: true, attempt: 2, cut: 3 })
  t.match(parts.get('s'), { text: 'again', attempt: 2, cut: 0, isIncomplete: true })
  t.equal(new Map(parts).size, 1)
})

t.test('values are shown as what they are', async (t) => {
  const blob = { blob: 'a/b.png', contentType: 'image/png', size: 5, sha256: 'x' }
  t.strictSame(
    blobsIn({ deep: [{ picture: blob }, blob] }).map((found) => found.blob),
    ['a/b.png'],
  )
  t.strictSame(tableOf([{ a: 1 }, { b: 'x' }]), {
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['', 'x'],
    ],
  })
  t.equal(tableOf([{ a: { b: 1 } }, { a: 1 }]), undefined)
  t.equal(tableOf([1, 2]), undefined)
  t.equal(textOf('x'), 'x')
  t.equal(textOf({ text: 'short' }), undefined)
  t.equal(textOf({ text: { content: 'y'.repeat(90) } }), 'y'.repeat(90))
})

t.test('an axis has a few round marks', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), (spanMs) => {
      const ticks = axisTicks(spanMs, 6)
      assert.ok(ticks.length >= 1 && ticks.length <= 7, `${ticks.length}`)
      assert.strictEqual(ticks[0], 0)
      assert.ok(ticks.at(-1)! <= spanMs)
    }),
  )
})
