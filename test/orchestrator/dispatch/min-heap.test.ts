import fc from 'fast-check'
import t from 'tap'
import { MinHeap } from '../../../services/orchestrator/dispatch/min-heap.ts'

t.test('property: the lowest score first, equal ones in the order in which they came', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (scores) => {
      const heap = new MinHeap<number>()
      for (const [i, score] of scores.entries()) heap.push(i, score)
      const popped: number[] = []
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) popped.push(item)
      const wanted = scores.map((_, i) => i).toSorted((a, b) => scores[a]! - scores[b]! || a - b)
      t.strictSame(popped, wanted)
    }),
  )
})

t.test('empty: nothing to see, nothing to take', async (t) => {
  const heap = new MinHeap<string>()
  t.equal(heap.peek(), undefined)
  t.equal(heap.lowest, undefined)
  t.equal(heap.pop(), undefined)
  heap.push('a', 1)
  t.equal(heap.lowest, 1)
  heap.clear()
  t.equal(heap.size, 0)
})
