import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runCampaign } from './campaign/campaign.ts'
import { NoRelease, openRelease } from './campaign/open-release.ts'

/** Among these are both ways, with another fault and without. */
const FIRST_SEED = 1
const RUNS = 6

const say = (line: string) => t.comment(line)
const releaseRoot = await openRelease(say).catch((error: unknown) => {
  if (error instanceof NoRelease) return error
  throw error
})
const skip = releaseRoot instanceof Error ? releaseRoot.message : false

t.test(
  'versions change under load, up and back: nothing is lost, doubled or left standing',
  { skip },
  async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'murmur-upgrade-'))
    const about = { root, seed: FIRST_SEED, runs: RUNS, releaseRoot: releaseRoot as string, say }
    const lines = await runCampaign(about)
    for (const { seed, violations, isVacuous } of lines) {
      t.equal(violations, 0, `seed ${seed}: npm run test:chaos -- --upgrade --replay ${seed}`)
      t.notOk(isVacuous, `seed ${seed} met work`)
    }
    const kinds = new Set(lines.map(({ kind }) => kind))
    t.equal(lines.length, RUNS)
    t.comment([...kinds].join(', '))
    if (t.passing()) rmSync(root, { recursive: true, force: true })
  },
)
