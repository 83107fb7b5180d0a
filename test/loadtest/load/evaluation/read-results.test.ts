import t from 'tap'
import { readResults } from '../../../../loadtest/load/evaluation/read-results.ts'
import { sampleResult } from '../sample-run.ts'

t.test('results are read by the names of their files; what is none is named', async (t) => {
  const dir = t.testdir({ 'b.json': JSON.stringify(sampleResult()), 'a.txt': 'no result' })
  t.equal(readResults(dir).length, 1)
  const broken = t.testdir({ 'c.json': '{"schema":"murmuration.load/1"}' })
  t.throws(() => readResults(broken), /loadtest\/results\/c\.json is no result: scenario/)
})
