import t from 'tap'
import { loadPage } from '../../../../loadtest/load/page/load-page.ts'
import { sampleResult } from '../sample-run.ts'

t.test(
  'the page holds everything itself: no script, nothing from another host, light and dark',
  async (t) => {
    const page = loadPage(sampleResult())
    t.notMatch(page, /<script|https?:\/\/|url\(/)
    t.match(page, /default-src 'none'/)
    t.match(page, /prefers-color-scheme: dark/)
    t.equal(page.match(/<svg /g)!.length, 5, 'three over time, the distribution, and where time went')
    t.match(page, /Every service level that was asked for was met/)
    t.notMatch(page, /undefined|NaN|\[object/)
  },
)

t.test('what the deployment said is text, whatever it says', async (t) => {
  const result = sampleResult({
    activities: { report: { done: 0, refused: 0, error: 0, stopped: 0, unexpected: { '<img src=x>': 1 } } },
  })
  const page = loadPage(result)
  t.notMatch(page, /<img/)
  t.match(page, /&lt;img src=x&gt;/)
})

t.test(
  'a void run says so first, a missed level stands in the headline, an earlier run beside it',
  async (t) => {
    t.match(loadPage(sampleResult({ isBrokenOff: true })), /<h1>Void: nothing follows/)
    const missed = sampleResult()
    missed.levels[0]!.judgement = 'missed'
    t.match(loadPage(missed), /<h1>Missed: API/)
    const both = loadPage(sampleResult(), sampleResult())
    t.match(both, /Beside an earlier run/)
    t.notMatch(loadPage(sampleResult()), /Beside an earlier run/)
  },
)

t.test('a run in which nothing came back has a page too', async (t) => {
  const page = loadPage(sampleResult({ series: [], timeline: [], tasks: [], activities: {} }))
  t.match(page, /Nothing was measured/)
  t.notMatch(page, /undefined|NaN/)
})
