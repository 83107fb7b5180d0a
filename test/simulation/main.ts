import { parseArgs } from 'node:util'
import { INVARIANTS, type Violation } from './invariants.ts'
import { runSeed } from './run-seed.ts'
import { PROTECTIONS, type Protection } from './surroundings.ts'

/**
 * `npm run test:simulation`: random plans in virtual time. docs/testing.md says what it checks.
 *
 *   --plans N         until so many plans have run (10,000)
 *   --seed S          the first seed (1); with `--trace` that one alone, with everything that happens in it
 *   --fail-fast       end with the first seed that fails
 *   --without WHAT    without one of the protections, to see that it is missed
 */
const { values } = parseArgs({
  options: {
    plans: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    'fail-fast': { type: 'boolean', default: false },
    without: { type: 'string', multiple: true, default: [] },
  },
})
const MAX_SHOWN = 5
const say = (line: string) => void process.stdout.write(`${line}\n`)
const without = new Set(values.without.map(protectionOf))
const first = Number(values.seed)
const wanted = values.trace ? 1 : Number(values.plans)
const found = new Map<string, number>()
const startedMs = performance.now()
let plans = 0
let failed = 0
let children = 0
let events = 0
let seed = first
for (; plans < wanted; seed++) {
  const trace = values.trace ? say : undefined
  const { world, history, violations } = await runSeed(seed, { without, trace })
  plans += world.submissions.length
  for (const log of history?.logs ?? []) {
    events += log.length
    children += log.filter(({ kind, body }) => kind === 'accepted' && 'parent' in body).length
  }
  if (violations.length === 0) continue
  failed++
  tell(seed, violations)
  if (values['fail-fast']) break
}
const tookMs = performance.now() - startedMs
say('')
for (const [invariant, count] of found) say(`${String(count).padStart(6)}  ${invariant}`)
say(
  `${plans} plans and ${children} child tasks in ${seed - first} seeds, ${events} events, ${(tookMs / 1000).toFixed(1)} s ` +
    `(${Math.round((1000 * plans) / tookMs)} plans a second), ${Object.keys(INVARIANTS).length} invariants: ${failed} seeds failed`,
)
process.exitCode = failed > 0 ? 1 : 0

function tell(failing: number, violations: readonly Violation[]): void {
  const off = values.without.map((what) => ` --without ${what}`).join('')
  say(`✗ seed ${failing}   npm run test:simulation -- --seed ${failing} --trace${off}`)
  for (const { invariant, message } of violations.slice(0, MAX_SHOWN)) say(`    ${invariant}: ${message}`)
  if (violations.length > MAX_SHOWN) say(`    and ${violations.length - MAX_SHOWN} more`)
  for (const { invariant } of violations) found.set(invariant, (found.get(invariant) ?? 0) + 1)
}

function protectionOf(name: string): Protection {
  const known = PROTECTIONS.find((protection) => protection === name)
  if (!known) throw new Error(`--without ${name}: there are ${PROTECTIONS.join(', ')}`)
  return known
}
