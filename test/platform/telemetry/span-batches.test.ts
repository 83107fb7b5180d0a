import t from 'tap'
import { SpanBatches } from '#platform/telemetry/span-batches.ts'

const options = { maxQueued: 10, maxBatch: 4, delayMs: 60_000 }

/** A collector that answers when it is told to. */
function collector() {
  const batches: number[][] = []
  const waiting: ((taken: boolean) => void)[] = []
  let arrived = Promise.withResolvers<void>()
  return {
    batches,
    /** Resolves with the next batch. */
    next: async () => {
      await arrived.promise
      arrived = Promise.withResolvers()
    },
    answer: (taken: boolean) => waiting.shift()!(taken),
    sink: {
      export(items: number[], done: (taken: boolean) => void) {
        batches.push(items)
        waiting.push(done)
        arrived.resolve()
      },
    },
  }
}

t.test(
  'a full batch goes at once, one at a time; what comes meanwhile waits, and what is too much is dropped',
  async (t) => {
    const { sink, batches, next, answer } = collector()
    const counted = { sent: 0, failed: 0 }
    const spans = new SpanBatches<number>(sink, {
      ...options,
      onExported: (outcome, items) => {
        counted[outcome] += items
      },
    })
    for (let i = 0; i < 4; i++) spans.add(i)
    t.strictSame(batches, [], 'not within the work that is described')
    await next()
    for (let i = 4; i < 17; i++) spans.add(i)
    t.strictSame(batches, [[0, 1, 2, 3]], 'the first is not answered yet')
    t.strictSame(counted, { sent: 0, failed: 3 })
    answer(true)
    await next()
    t.strictSame(batches[1], [4, 5, 6, 7])
    answer(false)
    await next()
    t.strictSame(batches[2], [8, 9, 10, 11])
    t.strictSame(counted, { sent: 4, failed: 7 })
    const flushed = spans.flush()
    t.strictSame(batches[3], [12, 13], 'what is left goes beside what is out')
    answer(true)
    answer(true)
    await flushed
    t.strictSame(counted, { sent: 10, failed: 7 })
  },
)

t.test('what is fewer goes after a while', async (t) => {
  const { sink, batches, next, answer } = collector()
  const spans = new SpanBatches<number>(sink, { ...options, delayMs: 5 })
  // Spans that wait keep no process from ending.
  const awake = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(awake))
  spans.add(1)
  spans.add(2)
  await next()
  answer(true)
  await new Promise((resolve) => setImmediate(resolve))
  spans.add(3)
  await next()
  t.strictSame(batches, [[1, 2], [3]])
})

t.test('a sink that throws costs its batch and no more', async (t) => {
  let failed = 0
  let isBroken = true
  const taken: number[] = []
  const spans = new SpanBatches<number>(
    {
      export(items, done) {
        if (isBroken) throw new Error('broken')
        taken.push(...items)
        done(true)
      },
    },
    {
      ...options,
      onExported: (outcome, items) => {
        if (outcome === 'failed') failed += items
      },
    },
  )
  spans.add(1)
  await spans.flush()
  isBroken = false
  spans.add(2)
  await spans.flush()
  t.strictSame([failed, taken], [1, [2]])
})
