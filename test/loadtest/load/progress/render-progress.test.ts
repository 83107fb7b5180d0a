import t from 'tap'
import type { Progress } from '../../../../loadtest/load/generator/messages.ts'
import {
  progressLine,
  renderProgress,
  sparkline,
} from '../../../../loadtest/load/progress/render-progress.ts'
import { scenarioOf } from '../../../../loadtest/load/scenarios.ts'
import { noPaint } from '../../../../services/cli/output/paint.ts'

const scenario = scenarioOf('baseline')!
const progress: Progress = {
  atMs: 30_000,
  users: 100,
  underWay: 12,
  bucket: {
    atMs: 30_000,
    users: 100,
    answered: 80,
    refused: 1,
    errors: 0,
    tasks: 9,
    p50Ms: 8,
    p95Ms: 620,
    p99Ms: 900,
  },
  p50Ms: 10,
  p95Ms: 120,
  answered: 2400,
  refused: 3,
  errors: 2,
  accepted: 300,
  own: { loopP99Ms: 2, loopMaxMs: 9, lateP99Ms: 70, lateMaxMs: 90, cpuShare: 0.2 },
}
const tagged = {
  ...noPaint,
  red: (text: string) => `<red>${text}`,
  green: (text: string) => `<green>${text}`,
}

t.test('a terminal sees where the run is, what is asked, and what is not as it should be', async (t) => {
  const text = renderProgress(scenario, progress, { recent: [1, 2], paint: tagged }).join('\n')
  for (const said of [
    /30 s of 60 s/,
    /100 users · 12 under way/,
    /<red>620 ms/,
    /<green>120 ms/,
    /3 told to come back/,
    /<red>2 errors/,
  ])
    t.match(text, said)
  t.match(text, /<red>70.0 ms late/, 'a generator that is late shows while it runs')
})

t.test('elsewhere it is a line', async (t) => {
  t.match(progressLine(scenario, progress), /^30 s {2}100 users {2}2400 answered \(80 just now\)/)
  t.match(progressLine({ ...scenario, ratePerSecond: 50 }, progress), /100 \/s/)
})

t.test('small charts are as high as their values', async (t) => {
  t.equal(sparkline([0, 5, 10]), '▁▅█')
  t.equal(sparkline([]), '')
})
