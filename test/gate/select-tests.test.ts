import t from 'tap'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import { selectTests, uselessPatterns } from './select-tests.ts'
import { findTestFiles } from './test-runner.ts'

const files = findTestFiles(projectRoot, [])

t.test('each breadth has all of the one before it, and the longest has everything', async (t) => {
  const [main, full, long] = (['main', 'full', 'long'] as const).map((breadth) => selectTests(files, breadth))
  t.ok(main!.every((file) => full!.includes(file)))
  t.ok(main!.length < full!.length && full!.length < long!.length)
  t.strictSame(long, files)
  t.notOk(full!.some((file) => file.includes('.long.')))
})

t.test('what everybody waits for has the main stories', async (t) => {
  const main = selectTests(files, 'main')
  for (const story of [
    'test/integration/video-scenes.test.ts',
    'test/integration/owner-killed.test.ts',
    'test/integration/plan-kinds.test.ts',
    'test/console/console.test.ts',
    'test/console/report.test.ts',
    'test/chaos/campaign.test.ts',
    'test/loadtest/load.test.ts',
  ])
    t.ok(main.includes(story), story)
})

t.test('every pattern leads to a test', async (t) => {
  t.strictSame(uselessPatterns(files), [])
})
