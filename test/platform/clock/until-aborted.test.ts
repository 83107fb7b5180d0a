import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { untilAborted } from '#platform/clock/until-aborted.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

t.test('the same items, and the source hears of a reader that leaves', async (t) => {
  let isLeft = false
  const source = async function* () {
    try {
      yield 1
      yield 2
      yield 3
    } finally {
      isLeft = true
    }
  }
  const { signal } = new AbortController()
  t.strictSame(await all(untilAborted(source(), signal)), [1, 2, 3])
  isLeft = false
  for await (const item of untilAborted(source(), signal)) if (item === 2) break
  t.ok(isLeft)
})

t.test('an abort is heard while the source waits, and before it is asked', async (t) => {
  const { promise: never } = Promise.withResolvers<void>()
  const controller = new AbortController()
  const waiting = async function* () {
    yield 1
    await never
  }
  const items = untilAborted(waiting(), controller.signal)
  t.equal((await items.next()).value, 1)
  const next = items.next()
  controller.abort(new Error('enough'))
  await t.rejects(next, /enough/)
  await t.rejects(untilAborted(waiting(), AbortSignal.abort(new Error('never begun'))).next(), /never begun/)
})

t.test('what the source throws is thrown', async (t) => {
  const failing = async function* () {
    yield 1
    throw new Error('gone')
  }
  await t.rejects(all(untilAborted(failing(), new AbortController().signal)), /gone/)
})

t.test('items that have been read are not kept', async (t) => {
  const kept: WeakRef<Buffer>[] = []
  const source = async function* () {
    for (let i = 0; i < 64; i++) {
      const item = Buffer.alloc(1024 * 1024)
      kept.push(new WeakRef(item))
      yield item
    }
  }
  const { signal } = new AbortController()
  let left = 64
  for await (const _item of untilAborted(source(), signal)) {
    // A reference is held until the turn is over.
    await new Promise((resolve) => setImmediate(resolve))
    if (kept.length === 64) {
      collectGarbage()
      left = kept.filter((ref) => ref.deref() !== undefined).length
    }
  }
  t.ok(left < 8, `${left} of 64`)
})
