import t from 'tap'
import { parseRetryAfter } from '#platform/http/retry-after.ts'

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 37)
const after = (text: string, date?: string) =>
  parseRetryAfter({ 'retry-after': text, ...(date && { date }) }, NOW_MS)

t.test('seconds', async (t) => {
  t.equal(after('0'), 0)
  t.equal(after(' 120 '), 120_000)
  t.equal(after('99999999999999999999'), 86_400_000)
})

t.test('dates, against the clock of the answer where it tells its own', async (t) => {
  t.equal(after('Sun, 06 Nov 1994 08:49:47 GMT'), 10_000)
  t.equal(after('Sunday, 06-Nov-94 08:49:47 GMT'), 10_000)
  t.equal(after('Sun, 06 Nov 1994 08:49:07 GMT'), 0, 'the past')
  t.equal(after('Sun, 06 Nov 1994 10:00:30 GMT', 'Sun, 06 Nov 1994 10:00:00 GMT'), 30_000)
})

t.test('what makes no sense counts as absent', async (t) => {
  for (const text of ['', 'soon', '-5', '1.5', '2020-01-01', 'Sun, 06 Nov 1994 99:49:37 GMT']) {
    t.equal(after(text), undefined, text)
  }
  t.equal(parseRetryAfter({}, NOW_MS), undefined)
})
