import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runCampaign } from './campaign/campaign.ts'

/** The seed of every gate is the same; `npm run test:chaos` goes on from others. */
const FIRST_SEED = 1000
const RUNS = 1
const NO_RUN_AFTER_MS = 50_000

t.test('the first run of the campaign: nothing is lost, doubled, changed or left standing', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'murmur-chaos-'))
  const lines = await runCampaign({
    root,
    seed: FIRST_SEED,
    runs: RUNS,
    timeoutMs: NO_RUN_AFTER_MS,
    say: (line) => t.comment(line),
  })
  for (const { seed, violations } of lines)
    t.equal(violations, 0, `seed ${seed}: npm run test:chaos -- --replay ${seed}`)
  t.equal(lines.length, RUNS)
  // What was wrong is to be looked at.
  if (t.passing()) rmSync(root, { recursive: true, force: true })
})
