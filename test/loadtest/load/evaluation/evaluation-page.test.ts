import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { evaluationPage } from '../../../../loadtest/load/evaluation/evaluation-page.ts'
import { readResults } from '../../../../loadtest/load/evaluation/read-results.ts'
import { ROOT } from '../../../support/source-files.ts'
import { SAMPLE_ORIGIN, sampleResult } from '../sample-run.ts'

t.test('docs/EVALUATION_RESULTS.md is what the results say: npm run docs', async (t) => {
  t.equal(readFileSync(join(ROOT, 'docs/EVALUATION_RESULTS.md'), 'utf8'), evaluationPage(readResults()))
})

t.test('the service levels stand on top, one column a scenario', async (t) => {
  const page = evaluationPage([sampleResult()])
  t.match(page, /## Service levels\n\n\| level +\| wanted +\| baseline/)
  t.match(page, /\| API, from when a question was due to its answer +\| p95 < 500 ms +\| 10.0 ms/)
  t.match(page, /\| everything works as before after a process was killed +\| < 10 s +\| not asked/)
  t.match(
    page,
    /### baseline\n\n`npm run load -- baseline` on 2026-01-02, commit `0123456789`; 2 × A Processor, 16 GiB/,
  )
  t.match(page, /\| small report +\| 800 +\| 800 +\| 10.0 \/ 10.0 +\| 20.0 \/ 20.0/)
})

t.test('a missed level is said, and of a void run nothing is claimed', async (t) => {
  const missed = sampleResult()
  Object.assign(missed.levels[0]!, { judgement: 'missed', measured: 900 })
  t.match(evaluationPage([missed]), /\*\*900 ms: missed\*\*/)
  const page = evaluationPage([sampleResult({ isBrokenOff: true })])
  t.match(page, /\(10.0 ms\)/)
  t.match(page, /Figures in brackets are of void runs/)
  t.match(page, /\| void +\|/)
})

t.test('other measurements stand behind, with where they were taken', async (t) => {
  const page = evaluationPage([
    {
      schema: 'murmuration.tables/1',
      title: 'Peers',
      about: 'The same task.',
      origin: SAMPLE_ORIGIN,
      tables: [{ columns: ['who', 'tasks/s'], rows: [['we', 2000]] }],
      notes: [],
    },
  ])
  t.match(page, /No run of a scenario is recorded\./)
  t.match(
    page,
    /## Peers\n\n`npm run load -- baseline` on 2026-01-02[^\n]*The same task\.\n\n\| who \| tasks\/s \|/,
  )
})
