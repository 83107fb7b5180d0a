import t from 'tap'
import {
  arrivalsOf,
  levelAt,
  SCENARIOS,
  type Scenario,
  scenarioOf,
  stageAt,
  stageSpan,
  usersAt,
} from '../../../loadtest/load/scenarios.ts'

t.test('the five scenarios have their users and their lengths', async (t) => {
  const of = (name: string) => {
    const { users, durationMs } = scenarioOf(name)!
    return [users, durationMs / 1000]
  }
  t.strictSame(['baseline', 'high', 'extreme', 'spike', 'endurance'].map(of), [
    [100, 60],
    [500, 120],
    [1000, 180],
    [2000, 60],
    [300, 300],
  ])
  for (const { name, stages } of SCENARIOS) {
    const sum = stages.reduce((total, { share }) => total + share, 0)
    t.ok(Math.abs(sum - 1) < 1e-9, `the stages of ${name} are the whole run`)
  }
  t.equal(scenarioOf('nothing'), undefined)
})

t.test('a spike goes from nobody to all and back to nobody', async (t) => {
  const spike = scenarioOf('spike')!
  t.equal(usersAt(spike, 0), 0)
  t.equal(usersAt(spike, 12_000), 1000)
  t.equal(usersAt(spike, 30_000), 2000)
  t.equal(usersAt(spike, 48_000), 1000)
  t.ok(usersAt(spike, 59_900) < 20)
  t.equal(usersAt(spike, 60_000), 0, 'over is over')
  t.equal(levelAt(spike, -1), 0)
})

t.test('stages follow each other without gaps', async (t) => {
  const high = scenarioOf('high')!
  let endMs = 0
  for (const index of high.stages.keys()) {
    const { fromMs, toMs } = stageSpan(high, index)
    t.equal(fromMs, endMs)
    t.equal(stageAt(high, fromMs), index)
    endMs = toMs
  }
  t.equal(endMs, high.durationMs)
  t.equal(stageAt(high, high.durationMs + 1), high.stages.length - 1)
  t.strictSame(
    [1000, 13_000, 25_000, 50_000].map((atMs) => usersAt(high, atMs)),
    [125, 250, 375, 500],
  )
})

t.test('arrivals of an open loop are as many as the rate says, evenly apart, and rise with it', async (t) => {
  const steady: Scenario = {
    ...scenarioOf('smoke')!,
    durationMs: 10_000,
    ratePerSecond: 20,
    stages: [{ share: 1, from: 1, to: 1 }],
  }
  const arrivals = [...arrivalsOf(steady)]
  t.ok(Math.abs(arrivals.length - 200) <= 1, `${arrivals.length}`)
  t.ok(Math.abs(arrivals[10]! - arrivals[9]! - 50) < 1e-6)
  const rising: Scenario = { ...steady, stages: [{ share: 1, from: 0, to: 1 }] }
  const times = [...arrivalsOf(rising)]
  t.ok(Math.abs(times.length - 100) <= 10, `half of them in the mean: ${times.length}`)
  const early = times.filter((atMs) => atMs < 5000).length
  t.ok(early < times.length / 3, `${early} of ${times.length} come in the first half`)
  t.strictSame([...arrivalsOf({ ...steady, ratePerSecond: 0 })], [])
})
