import type { Paint } from '../../../services/cli/output/paint.ts'
import type { Progress } from '../generator/messages.ts'
import type { Scenario } from '../scenarios.ts'
import { MAX_GENERATOR_DELAY_MS, SERVICE_LEVELS } from '../service-levels.ts'

const BAR = 28
const SPARKS = '▁▂▃▄▅▆▇█'

/** What a terminal shows while load is on: where the run is, what is asked, how long it takes. Pure. */
export function renderProgress(
  scenario: Scenario,
  progress: Progress,
  { recent, paint }: { recent: readonly number[]; paint: Paint },
): string[] {
  const { atMs, users, underWay, bucket, p50Ms, p95Ms, answered, refused, errors, accepted, own } = progress
  const share = Math.min(1, atMs / scenario.durationMs)
  const full = Math.round(share * BAR)
  const bar = `${'█'.repeat(full)}${paint.dim('░'.repeat(BAR - full))}`
  const late = Math.max(own.loopP99Ms, own.lateP99Ms)
  const level = SERVICE_LEVELS.apiP95Ms
  const judged = (text: string, isBad: boolean) => (isBad ? paint.red(text) : paint.green(text))
  return [
    `${paint.bold(scenario.name)}  ${bar}  ${seconds(atMs)} of ${seconds(scenario.durationMs)}`,
    `${users} ${scenario.ratePerSecond === undefined ? 'users' : 'arrivals a second'} · ${underWay} under way · ${bucket.answered} answers and ${bucket.tasks} tasks just now`,
    `now   p50 ${ms(bucket.p50Ms)}  p95 ${judged(ms(bucket.p95Ms), bucket.p95Ms >= level)}   ${paint.dim(sparkline(recent))}`,
    `whole p50 ${ms(p50Ms)}  p95 ${judged(ms(p95Ms), p95Ms >= level)}   ${answered} answered, ${accepted} tasks accepted`,
    `${refused > 0 ? paint.yellow(`${refused} told to come back later`) : '0 told to come back later'} · ${errors > 0 ? paint.red(`${errors} errors`) : '0 errors'} · generator ${judged(`${ms(late)} late`, late > MAX_GENERATOR_DELAY_MS)}`,
  ]
}

/** The same for what is no terminal: one line. Pure. */
export function progressLine(scenario: Scenario, progress: Progress): string {
  const { atMs, users, bucket, p50Ms, p95Ms, answered, refused, errors, accepted } = progress
  const unit = scenario.ratePerSecond === undefined ? 'users' : '/s'
  return `${seconds(atMs)}  ${users} ${unit}  ${answered} answered (${bucket.answered} just now)  p50 ${ms(p50Ms)}  p95 ${ms(p95Ms)}  ${accepted} tasks  ${refused} refused  ${errors} errors`
}

/** Heights of the latest values beside the largest of them. Pure. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 1e-9)
  return values
    .map((value) => SPARKS[Math.min(SPARKS.length - 1, Math.floor((value / most) * SPARKS.length))])
    .join('')
}

function seconds(ms: number): string {
  return ms >= 3_600_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${Math.round(ms / 1000)} s`
}

function ms(value: number): string {
  return value >= 100 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`
}
