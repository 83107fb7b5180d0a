import t from 'tap'
import { fullPage, type Page } from '../../../services/cli/output/full-page.ts'

/** A service that answers with these, one after the other. */
function answering(pages: Page<number>[]) {
  const asked: { limit: number; cursor?: string }[] = []
  const ask = async (next: { limit: number; cursor?: string }) => {
    asked.push(next)
    return structuredClone(pages[Math.min(asked.length, pages.length) - 1]!)
  }
  return { ask, asked }
}

t.test('empty pages are gone through until there is something', async (t) => {
  const { ask, asked } = answering([
    { items: [], nextCursor: 'a' },
    { items: [], nextCursor: 'b' },
    { items: [1, 2], nextCursor: 'c' },
  ])
  t.strictSame(await fullPage(2, ask), { items: [1, 2], nextCursor: 'c' })
  t.strictSame(asked, [{ limit: 2 }, { limit: 2, cursor: 'a' }, { limit: 2, cursor: 'b' }])
})

t.test('short pages are filled up, and never beyond the limit', async (t) => {
  const { ask, asked } = answering([
    { items: [1, 2], nextCursor: 'a' },
    { items: [3], nextCursor: undefined },
  ])
  t.strictSame(await fullPage(5, ask), { items: [1, 2, 3], nextCursor: undefined })
  t.strictSame(asked[1], { limit: 3, cursor: 'a' })
})

t.test('a service that never has anything is not asked for ever', async (t) => {
  const { ask, asked } = answering([{ items: [], nextCursor: 'a' }])
  t.strictSame(await fullPage(5, ask), { items: [], nextCursor: 'a' })
  t.equal(asked.length, 50)
})
