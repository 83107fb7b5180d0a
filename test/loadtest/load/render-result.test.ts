import t from 'tap'
import { compareRuns } from '../../../loadtest/load/compare.ts'
import { figure, kneeText, renderComparison, renderResult } from '../../../loadtest/load/render-result.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { sampleResult } from './sample-run.ts'

t.test('a run as text: levels, requests, tasks, the knee', async (t) => {
  const text = renderResult(sampleResult(), noPaint).join('\n')
  t.match(text, /baseline: 100 users, 60 s {3}every level that was asked for was met/)
  t.match(text, /submit +800 +0 +0 +10.0 +10.0/)
  t.match(text, /small report +800 +800 +0 +0 +0 +10 +20 +10/)
  t.match(text, /The knee was not reached: the levels held up to 100 users/)
  t.notMatch(text, /come back later/)
})

t.test('what was not as it should be is there', async (t) => {
  const result = sampleResult({
    isBrokenOff: true,
    lostIds: ['t9'],
    hints: { given: 3, missing: 1, letIn: 2, refusedAgain: 1, gaveUp: 0 },
    activities: {
      report: { done: 1, refused: 0, error: 0, stopped: 0, unexpected: { 'a small report failed': 2 } },
    },
  })
  const text = renderResult(result, noPaint).join('\n')
  for (const said of [
    /void: it was broken off/,
    /lost: t9/,
    /3 times with a time, 1 without/,
    /report: a small report failed \(2\)/,
  ])
    t.match(text, said)
})

t.test('the knee in words', async (t) => {
  const { scenario } = sampleResult()
  t.match(kneeText({ scenario }), /not even the least load/)
  const knee = { load: 50, answeredPerSecond: 10, tasksPerSecond: 5, brokeAt: 75 }
  t.match(
    kneeText({ scenario, knee }),
    /held up to 50 users, 10 answers and 5 tasks a second; at 75 users they did not/,
  )
})

t.test('a comparison has both figures and what is to be made of them', async (t) => {
  const now = sampleResult()
  const text = renderComparison(compareRuns(now, now), noPaint).join('\n')
  t.match(text, /submit, p50 +10.0 ms +10.0 ms +1.00 +same/)
})

t.test('figures have as many digits as say something', async (t) => {
  t.strictSame([0, 0.123, 9.999, 12.34, 100, 1234.5].map(figure), ['0', '0.12', '10', '12.3', '100', '1,235'])
})
