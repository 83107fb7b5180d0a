import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runCampaign } from './campaign/campaign.ts'

/** The seeds of every gate are the same; `npm run test:chaos` goes on from others. */
const FIRST_SEED = 1000
const RUNS = 2
const NO_RUN_AFTER_MS = 50_000
const FEWEST_RUNS = 2

t.test('the first runs of the campaign: nothing is lost, doubled, changed or left standing', async (t) => {
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
  t.ok(lines.length >= FEWEST_RUNS, `${lines.length} runs in the time there is`)
  // What was wrong is to be looked at.
  if (t.passing()) rmSync(root, { recursive: true, force: true })
})
