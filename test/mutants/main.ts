import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import { applyMutant, type Mutant } from './mutant.ts'
import { MUTANTS } from './mutant-list.ts'
import { failingTests, runMutants } from './run-mutants.ts'

/**
 * `npm run test:mutants`: breaks one line at a time and sees whether a test notices. docs/testing.md says how one is added.
 *
 *   --only TEXT   mutants whose name or file has this in it      --jobs N   at the same time (2)
 */
const KILLED_AT_LEAST = 0.95

const { values } = parseArgs({
  options: { only: { type: 'string' }, jobs: { type: 'string', default: '2' } },
})
const say = (line: string) => void process.stdout.write(`${line}\n`)
const { only } = values
const chosen = MUTANTS.filter(
  ({ name, file }) => only === undefined || name.includes(only) || file.includes(only),
)

const unfit = chosen.flatMap(faultOf)
for (const fault of unfit) say(`✗ ${fault}`)
if (unfit.length > 0) process.exit(1)

// Fetched here when they are not there yet: the copies share the cache.
await resolveNats(() => undefined)
await resolveRedis(() => undefined)

const failing = await failingTests(chosen, projectRoot)
for (const test of failing) say(`✗ ${test} fails without any mutant: mend it first`)
if (failing.length > 0) process.exit(1)

const verdicts = await runMutants(chosen, {
  root: projectRoot,
  jobs: Number(values.jobs),
  onVerdict: ({ mutant, killedBy, tookMs }) => {
    const what = killedBy ? `killed by ${killedBy}` : 'survives'
    say(`${killedBy ? '✓' : '✗'} ${mutant.name} ${what} (${(tookMs / 1000).toFixed(1)} s)`)
  },
})

const survivors = verdicts.filter(({ killedBy }) => killedBy === undefined)
const share = verdicts.length === 0 ? 0 : 1 - survivors.length / verdicts.length
say('')
for (const { mutant } of survivors)
  say(
    `survivor ${mutant.name} (${mutant.file}): ${mutant.why}\n  ${mutant.survives ?? 'NOT EXPLAINED: a test is missing'}`,
  )
say(`${verdicts.length - survivors.length} of ${verdicts.length} killed, ${(share * 100).toFixed(1)} %`)
const unexplained = survivors.filter(({ mutant }) => mutant.survives === undefined)
process.exitCode = share >= KILLED_AT_LEAST && unexplained.length === 0 ? 0 : 1

/** Why a mutant can't be applied to the tree as it stands. */
function faultOf(mutant: Mutant): string[] {
  try {
    applyMutant(readFileSync(join(projectRoot, mutant.file), 'utf8'), mutant)
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}
