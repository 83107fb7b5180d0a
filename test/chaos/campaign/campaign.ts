import { rmSync } from 'node:fs'
import { type FaultKind, nameOfFault } from './random-faults.ts'
import { kindOfRun, overshootOf, percentileOf, RECOVERY_LIMITS_MS } from './recovery.ts'
import { type RunOutcome, runSeed } from './run-seed.ts'

export interface CampaignOptions {
  root: string
  /** The first seed; the others follow it. */
  seed: number
  runs: number
  /** No run begins after this. Milliseconds. */
  timeoutMs?: number
  /** Runs at the same time. */
  jobs?: number
  only?: FaultKind
  /** The sources of the release before: versions change in every run. */
  releaseRoot?: string
  /** Keep the folders of runs in which nothing was wrong. */
  keep?: boolean
  say: (line: string) => void
}

/** Fewer accepted submissions than this show nothing. */
const FEWEST_ACCEPTED = 15
/** Runs of a kind below which its percentiles say nothing. */
const FEWEST_RUNS = 10

/** What is left of a run when its history is gone. */
export interface RunLine {
  seed: number
  kind: string
  violations: number
  accepted: number
  attempts: number
  lastMs: number | undefined
  slowestMs: number | undefined
  isVacuous: boolean
}

/** Runs seed after seed and says a line about each. */
export async function runCampaign(options: CampaignOptions): Promise<RunLine[]> {
  const { say, jobs = 1, timeoutMs = Number.POSITIVE_INFINITY } = options
  const beganMs = performance.now()
  const lines: RunLine[] = []
  let next = 0
  const work = async () => {
    while (next < options.runs && performance.now() - beganMs < timeoutMs) {
      const seed = options.seed + next++
      const { root, only, releaseRoot } = options
      const about = { root, ...(only && { only }), ...(releaseRoot && { releaseRoot }) }
      const outcome = await runSeed(seed, about).catch((error: Error) => error)
      if (outcome instanceof Error) {
        lines.push(tellBroken(seed, outcome, say))
        continue
      }
      lines.push(tell(outcome, say))
      if (outcome.violations.length === 0 && !options.keep)
        rmSync(outcome.folder, { recursive: true, force: true })
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return lines
}

function tell(outcome: RunOutcome, say: (line: string) => void): RunLine {
  const { seed, faults, history, violations, folder, tookMs } = outcome
  const accepted = history.clients.filter(({ act, phase }) => act === 'submit' && phase === 'ok').length
  const attempts = history.handlers.filter(({ kind }) => kind === 'start').length
  const overshoot = overshootOf(history)
  const isIdle = history.faults.some(({ open, inHand }) => open === 0 && inHand === 0)
  const isVacuous = accepted < FEWEST_ACCEPTED || isIdle
  const names = faults.map(nameOfFault).join(' + ') || 'no fault'
  const parts = [
    `seed ${seed}`,
    names,
    `${Object.keys(history.answers).length} tasks, ${attempts} attempts`,
    `${history.purged} purged`,
    `in hand ${history.faults.map(({ inHand, open }) => `${inHand}/${open}`).join(' ') || '-'}`,
    `overshoot ${seconds(overshoot?.lastMs)} (slowest ${seconds(overshoot?.slowestMs)})`,
    `${violations.length} violations${isVacuous ? ', shows little' : ''}`,
    `${seconds(tookMs)}`,
  ]
  say(parts.join(' | '))
  for (const { rule, taskId, what } of violations.slice(0, 8))
    say(`  rule ${rule}: ${taskId ? `${taskId} ` : ''}${what}`)
  if (violations.length > 8) say(`  and ${violations.length - 8} more`)
  if (violations.length > 0) say(`  kept: ${folder}`)
  return {
    seed,
    kind: kindOfRun(faults, history.tasks),
    violations: violations.length,
    accepted,
    attempts,
    lastMs: overshoot?.lastMs,
    slowestMs: overshoot?.slowestMs,
    isVacuous,
  }
}

/** Something of the campaign itself, or of the start of a process: it counts, and the others go on. */
function tellBroken(seed: number, error: Error, say: (line: string) => void): RunLine {
  say(`seed ${seed} | broke: ${error.stack}`)
  const nothing = { accepted: 0, attempts: 0, lastMs: undefined, slowestMs: undefined }
  return { seed, kind: 'broke', violations: 1, isVacuous: true, ...nothing }
}

/** The sums, and what each kind of fault cost. @returns what is wrong with the campaign as a whole */
export function summarise(lines: readonly RunLine[], say: (line: string) => void): string[] {
  const faults: string[] = []
  const sum = (of: (line: RunLine) => number) => lines.reduce((total, line) => total + of(line), 0)
  const bad = lines.filter(({ violations }) => violations > 0)
  say('')
  say(
    `${lines.length} runs, ${sum(({ accepted }) => accepted)} submissions accepted, ${sum(({ attempts }) => attempts)} attempts, ${sum(({ violations }) => violations)} violations in ${bad.length} runs`,
  )
  if (bad.length > 0) faults.push(`violations with the seeds ${bad.map(({ seed }) => seed).join(', ')}`)
  const vacuous = lines.filter(({ isVacuous }) => isVacuous)
  if (vacuous.length > 0)
    say(`${vacuous.length} runs show little: seeds ${vacuous.map(({ seed }) => seed).join(', ')}`)
  if (lines.length >= FEWEST_RUNS && vacuous.length > lines.length / 10)
    faults.push('too many runs show little')
  say('')
  say(
    'overshoot of the last task          runs   p50     p95     of the slowest: p50     p95     limit of p95',
  )
  for (const [kind, runs] of [...Map.groupBy(lines, ({ kind }) => kind)].sort()) {
    const last = runs.flatMap(({ lastMs }) => lastMs ?? [])
    const slowest = runs.flatMap(({ slowestMs }) => slowestMs ?? [])
    const limitMs = RECOVERY_LIMITS_MS[kind]
    const figures = [last, slowest].map((values) =>
      [0.5, 0.95].map((share) => cell(percentileOf(values, share))),
    )
    say(
      `${kind.padEnd(34)}${String(runs.length).padStart(6)}   ${figures[0]!.join('')}                 ${figures[1]!.join('')}${limitMs ? cell(limitMs) : ''}`,
    )
    if (limitMs !== undefined && runs.length >= FEWEST_RUNS && percentileOf(last, 0.95) > limitMs)
      faults.push(
        `after ${kind} it takes ${seconds(percentileOf(last, 0.95))} at p95, more than ${seconds(limitMs)}`,
      )
  }
  return faults
}

function cell(ms: number): string {
  return seconds(ms).padEnd(8)
}

function seconds(ms: number | undefined): string {
  return ms === undefined || Number.isNaN(ms) ? '-' : `${(ms / 1000).toFixed(1)} s`
}
