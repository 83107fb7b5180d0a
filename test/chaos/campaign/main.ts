import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runCampaign, summarise } from './campaign.ts'
import { openRelease } from './open-release.ts'
import type { FaultKind } from './random-faults.ts'

/**
 * `npm run test:chaos`: a campaign of faults on real processes. docs/testing.md says what it does and how a seed is run again.
 *
 *   --runs N      runs, one seed each (20)          --seed S    the first seed (1)
 *   --seconds X   begin no run after this           --jobs N    runs at the same time (1)
 *   --replay S    this seed alone, and keep it      --fault K   faults of this kind only
 *   --upgrade     from the release before to these sources, or back, in every run
 *   --out DIR     where folders of runs go          --keep      also those in which nothing was wrong
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    replay: { type: 'string' },
    fault: { type: 'string' },
    upgrade: { type: 'boolean', default: false },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})

const say = (line: string) => void process.stdout.write(`${line}\n`)
const root = values.out ? resolve(values.out) : mkdtempSync(join(tmpdir(), 'murmur-chaos-'))
mkdirSync(root, { recursive: true })
const release = values.upgrade ? await openRelease(say) : undefined
const isReplay = values.replay !== undefined
const lines = await runCampaign({
  root,
  say,
  seed: numberOf('seed', values.replay ?? values.seed),
  runs: isReplay ? 1 : numberOf('runs', values.runs),
  jobs: numberOf('jobs', values.jobs),
  keep: values.keep || isReplay,
  ...(release && { releaseRoot: release }),
  ...(values.seconds && { timeoutMs: numberOf('seconds', values.seconds) * 1000 }),
  ...(values.fault && { only: values.fault as FaultKind }),
})
if (isReplay) say(`kept: ${root}`)
const faults = summarise(lines, say)
for (const fault of faults) say(`✗ ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new TypeError(`--${name} must be a number, not "${text}"`)
  return value
}
