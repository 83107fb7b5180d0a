import fc from 'fast-check'
import t from 'tap'
import { type ChunkMessage, ChunkOrder } from '#platform/tasks/chunk-order.ts'

const message = (from: number, count: number, about: Partial<ChunkMessage> = {}): ChunkMessage => ({
  stepId: 'write',
  attempt: 1,
  delivery: 1,
  atMs: 1,
  from,
  chunks: Array.from({ length: count }, (_, i) => from + i),
  ...about,
})

t.test('each chunk once, also where messages overlap', async (t) => {
  const order = new ChunkOrder()
  t.match(order.accept(message(1, 3)), { from: 1, chunks: [1, 2, 3] })
  t.equal(order.accept(message(1, 3)), undefined)
  const next = order.accept(message(2, 4))
  t.match(next, { from: 4, chunks: [4, 5] })
  t.notOk(next?.cut)
})

t.test('what is missing is said once', async (t) => {
  const order = new ChunkOrder()
  t.equal(order.missingBefore(message(5, 1)), 4)
  t.match(order.accept(message(5, 1)), { from: 5, cut: 4 })
  t.equal(order.missingBefore(message(6, 1)), 0)
  t.equal(order.accept(message(6, 1))?.cut, undefined)
})

t.test('a later run starts again; what comes late of an earlier one is passed over', async (t) => {
  const order = new ChunkOrder()
  t.equal(order.accept(message(1, 2))?.restarts, undefined, 'the first run is no restart')
  t.match(order.accept(message(1, 1, { delivery: 2 })), { restarts: true, chunks: [1] })
  t.equal(order.accept(message(3, 1)), undefined)
  t.match(order.accept(message(3, 1, { attempt: 2 })), { restarts: true, cut: 2 })
  t.equal(order.accept(message(2, 1, { delivery: 9 })), undefined)
  t.match(order.accept(message(1, 1, { stepId: 'other' })), { from: 1 }, 'each step for itself')
})

t.test('whatever comes in whatever order: told and cut are all there is', async () => {
  const messages = fc.array(
    fc.record({ from: fc.integer({ min: 1, max: 30 }), count: fc.integer({ min: 1, max: 6 }) }),
  )
  fc.assert(
    fc.property(messages, (list) => {
      const order = new ChunkOrder()
      let next = 1
      for (const { from, count } of list) {
        const item = order.accept(message(from, count))
        if (!item) {
          if (from + count > next) return false
          continue
        }
        if (item.from !== next + (item.cut ?? 0)) return false
        if (String(item.chunks) !== String(item.chunks.map((_, i) => item.from + i))) return false
        next = item.from + item.chunks.length
      }
      return true
    }),
  )
})
