import t from 'tap'
import type { DeadLetterResult } from '#schemas/dead-letter.ts'
import { changeLetters, type LetterPage } from '../../../services/cli/dead-letters/change-letters.ts'

const never = new AbortController().signal
const planned = (seq: number): DeadLetterResult => ({ seq, outcome: 'planned' })

t.test('numbers are sent a hundred at a time', async (t) => {
  const seqs = Array.from({ length: 250 }, (_, i) => i + 1)
  const pages: LetterPage[] = []
  const change = async (page: LetterPage) => {
    pages.push(page)
    return { results: 'seqs' in page ? page.seqs.map(planned) : [] }
  }
  const results = await changeLetters({ seqs, filter: {}, dryRun: true }, change, never)
  t.strictSame(
    results.map(({ seq }) => seq),
    seqs,
  )
  t.strictSame(
    pages.map((page) => ('seqs' in page ? page.seqs.length : 0)),
    [100, 100, 50],
  )
  t.ok(pages.every(({ dryRun }) => dryRun))
})

t.test('a filter is followed to its end, over pages that have nothing', async (t) => {
  const pages = [
    { results: [planned(9)], nextCursor: '9' },
    { results: [], nextCursor: '5' },
    { results: [planned(2)] },
  ]
  const asked: LetterPage[] = []
  const change = async (page: LetterPage) => {
    asked.push(page)
    return pages[asked.length - 1]!
  }
  const filter = { agent: 'a' }
  const results = await changeLetters({ seqs: [], filter, dryRun: false }, change, never)
  t.strictSame(results, [planned(9), planned(2)])
  t.strictSame(asked, [
    { filter, dryRun: false },
    { filter, dryRun: false, cursor: '9' },
    { filter, dryRun: false, cursor: '5' },
  ])
})

t.test('broken off, it tells what was done', async (t) => {
  const stopping = new AbortController()
  const change = async () => {
    stopping.abort()
    return { results: [planned(9)], nextCursor: '9' }
  }
  t.strictSame(await changeLetters({ seqs: [], filter: {}, dryRun: false }, change, stopping.signal), [
    planned(9),
  ])
})
