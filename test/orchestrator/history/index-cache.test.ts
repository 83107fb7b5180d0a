import t from 'tap'
import { IndexCache } from '../../../services/orchestrator/history/index-cache.ts'
import type { SegmentIndex } from '../../../services/orchestrator/history/segment-reader.ts'

const index = (bytes: number) => ({ bytes }) as SegmentIndex

t.test('those that were used last stay, within the bytes; what is larger than all stays alone', async (t) => {
  const cache = new IndexCache(100)
  const [a, b, c, huge] = [index(40), index(40), index(40), index(500)]
  cache.put('a', a)
  cache.put('b', b)
  t.equal(cache.get('a'), a)
  cache.put('c', c)
  t.equal(cache.get('b'), undefined, 'it was used longest ago')
  t.equal(cache.get('a'), a)
  cache.put('huge', huge)
  t.equal(cache.get('huge'), huge)
  t.equal(cache.get('a'), undefined)
})

t.test(
  'who wants the same at the same time waits for one reading; what is not there is asked for again',
  async (t) => {
    const cache = new IndexCache(100)
    let reads = 0
    const read = async () => {
      reads++
      return reads > 2 ? index(1) : undefined
    }
    t.strictSame(await Promise.all([cache.load('a', read), cache.load('a', read)]), [undefined, undefined])
    t.equal(reads, 1)
    await cache.load('a', read)
    t.match(await cache.load('a', read), { bytes: 1 })
    await cache.load('a', read)
    t.equal(reads, 3)
    await t.rejects(
      cache.load('b', () => Promise.reject(new Error('away'))),
      /away/,
    )
    t.match(await cache.load('b', read), { bytes: 1 }, 'a fault is not kept')
  },
)
