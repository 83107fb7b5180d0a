import t from 'tap'
import { startVideoProduct } from '../../loadtest/video/video-product.ts'
import { checkScene } from '../support/scene-check.ts'
import { withServers } from '../support/servers.ts'

const SCENARIOS = ['street', 'intruder', 'loiterer', 'crossing', 'crowd', 'yard'] as const
const SEEDS = [1, 2, 3]

// Eighteen clips of half a minute to a minute each, one after the other, each with every frame and with those in which something moves.
t.setTimeout(40 * 60_000)

const servers = await withServers(t)
const product = await startVideoProduct(servers, {
  env: { MURMUR_MODEL: 'starter', MURMUR_LOG_LEVEL: 'error' },
})
t.teardown(() => product.stop())

for (const scenario of SCENARIOS) {
  for (const seed of SEEDS) {
    for (const analyse of ['every', 'motion'] as const)
      t.test(`${scenario}, seed ${seed}, ${analyse}`, (t) =>
        checkScene(t, product, { scenario, seed, analyse }),
      )
  }
}

// Each camera tells of what it sees: one event, an alert of each.
for (const seed of SEEDS)
  t.test(`two cameras with an overlap, seed ${seed}`, (t) =>
    Promise.all(
      ['overlap-west', 'overlap-east'].map((scenario) => checkScene(t, product, { scenario, seed })),
    ),
  )
