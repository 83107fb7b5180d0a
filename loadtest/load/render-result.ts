import type { Paint } from '../../services/cli/output/paint.ts'
import { renderTable } from '../../services/cli/output/table.ts'
import type { compareRuns } from './compare.ts'
import type { KindResult, LoadResult } from './result-schema.ts'
import { isGood } from './verdict.ts'

/** What a run came to, for a terminal: the levels, the kinds of requests, where time went, the knee, what is lost. Pure. */
export function renderResult(result: LoadResult, paint: Paint): string[] {
  const { scenario, levels, hints, faults, lostIds, generator } = result
  const load =
    scenario.ratePerSecond === undefined ? `${scenario.users} users` : `${scenario.ratePerSecond} arrivals/s`
  return [
    '',
    `${paint.bold(`${scenario.name}: ${load}, ${Math.round(result.ranMs / 1000)} s`)}   ${verdictText(result, paint)}`,
    ...result.void.map((reason) => paint.yellow(`  void: ${reason}`)),
    '',
    ...renderTable(
      [{ title: 'service level' }, { title: 'wanted' }, { title: 'measured', align: 'right' }, { title: '' }],
      levels.map(({ name, wanted, measured, unit, judgement, note }) => [
        { text: name },
        { text: wanted },
        { text: measured === undefined ? '–' : `${figure(measured)}${unit === '/s' ? '' : ' '}${unit}` },
        { text: `${judgement}${note === undefined ? '' : `: ${note}`}`, ...styleOf(judgement) },
      ]),
      { paint },
    ),
    '',
    ...renderTable(
      [
        { title: 'request' },
        ...['answered', '429', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'].map((title) => ({
          title,
          align: 'right' as const,
        })),
      ],
      result.kinds
        .filter(({ transport }) => transport === 'all')
        .map((kind) => [{ text: kind.kind }, ...kindCells(kind)]),
      { paint },
    ),
    '',
    ...renderTable(
      [
        { title: 'task' },
        ...['accepted', 'as expected', 'otherwise', 'open', 'lost', 'queue p95', 'run p95', 'rest p95'].map(
          (title) => ({ title, align: 'right' as const }),
        ),
      ],
      result.tasks.map(({ kind, accepted, asExpected, otherwise, open, lost, phases }) => [
        { text: kind },
        ...[
          accepted,
          asExpected,
          Object.values(otherwise).reduce((sum, count) => sum + count, 0),
          open,
          lost,
          Math.round(phases.queue.p95Ms),
          Math.round(phases.run.p95Ms),
          Math.round(phases.orchestration.p95Ms),
        ].map((value) => ({ text: String(value) })),
      ]),
      { paint },
    ),
    '',
    kneeText(result),
    ...(hints.given + hints.missing > 0
      ? [
          `Told to come back later: ${hints.given} times with a time, ${hints.missing} without; who came back when it was said was let in ${hints.letIn} times and refused again ${hints.refusedAgain} times; ${hints.gaveUp} gave up.`,
        ]
      : []),
    ...faults.map((fault) => `${fault.what} was killed: ${recoveryText(fault)}.`),
    ...Object.entries(result.activities).flatMap(([name, { unexpected }]) =>
      Object.entries(unexpected).map(([what, count]) => paint.red(`${name}: ${what} (${count})`)),
    ),
    ...(lostIds.length > 0 ? [paint.red(`lost: ${lostIds.join(', ')}`)] : []),
    paint.dim(
      `The generator was ${Math.max(generator.loopP99Ms, generator.lateP99Ms)} ms late at its 99th percentile and took ${Math.round(generator.cpuShare * 100)} % of a core.`,
    ),
  ]
}

/** Figures of now beside those of an earlier run, for a terminal. Pure. */
export function renderComparison({ rows, warnings }: ReturnType<typeof compareRuns>, paint: Paint): string[] {
  const number = (title: string) => ({ title, align: 'right' as const })
  const columns = [
    { title: 'beside the earlier run' },
    number('before'),
    number('now'),
    number('ratio'),
    { title: '' },
  ]
  const style = { better: 'green', worse: 'red', same: 'dim' } as const
  return [
    '',
    ...warnings.map((warning) => paint.yellow(`  ${warning}`)),
    ...renderTable(
      columns,
      rows.map(({ what, before, now, ratio, unit, change }) => [
        { text: what },
        { text: `${figure(before)} ${unit}` },
        { text: `${figure(now)} ${unit}` },
        { text: ratio?.toFixed(2) ?? '–' },
        { text: change, style: style[change] },
      ]),
      { paint },
    ),
  ]
}

/** Pure. */
export function kneeText({ knee, scenario }: Pick<LoadResult, 'knee' | 'scenario'>): string {
  const unit = scenario.ratePerSecond === undefined ? 'users' : 'arrivals a second'
  if (!knee) return 'The knee: not even the least load of this run was within the levels.'
  const at = `${knee.load} ${unit}, ${knee.answeredPerSecond} answers and ${knee.tasksPerSecond} tasks a second`
  if (knee.brokeAt === undefined) return `The knee was not reached: the levels held up to ${at}.`
  return `The knee: the levels held up to ${at}; at ${knee.brokeAt} ${unit} they did not.`
}

function verdictText(result: LoadResult, paint: Paint): string {
  if (result.void.length > 0) return paint.yellow('void')
  if (isGood(result)) return paint.green('every level that was asked for was met')
  const missed = result.levels.filter(({ judgement }) => judgement === 'missed').length
  return paint.red(`${missed} ${missed === 1 ? 'level was' : 'levels were'} missed`)
}

function styleOf(judgement: string): { style?: 'green' | 'red' | 'dim' } {
  if (judgement === 'met') return { style: 'green' }
  return { style: judgement === 'missed' ? 'red' : 'dim' }
}

function kindCells({ answered, refused, errors, latency, judgement }: KindResult) {
  const errorCount = Object.values(errors).reduce((sum, count) => sum + count, 0)
  return [
    { text: String(answered) },
    { text: String(refused) },
    { text: String(errorCount), ...(errorCount > 0 && { style: 'red' as const }) },
    { text: latency.count === 0 ? '–' : figure(latency.p50Ms) },
    { text: latency.count === 0 ? '–' : figure(latency.p95Ms), ...styleOf(judgement) },
    { text: latency.count === 0 ? '–' : figure(latency.p99Ms) },
    { text: latency.count === 0 ? '–' : figure(latency.maxMs) },
  ]
}

/** As many digits as say something. Pure. */
export function figure(value: number): string {
  if (Math.abs(value) < 10) return Number(value.toFixed(2)).toString()
  return Math.abs(value) < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}

/** What was seen after a process had been killed. Pure. */
export function recoveryText({
  recoveryMs,
  seenBy,
  latencyMs,
  throughputMs,
  aloneProbes = 0,
}: LoadResult['faults'][number]): string {
  if (recoveryMs === undefined) return 'it was not seen that everything works as before'
  const seconds = (ms: number) => figure(ms / 1000)
  if (seenBy === 'throughput') {
    const late =
      latencyMs === undefined
        ? ''
        : `; what waited in the queue was late until ${seconds(latencyMs)} s after it`
    return `more had waited than could be done already, and as much was done as before ${seconds(recoveryMs)} s later${late}`
  }
  const done = throughputMs === undefined ? '' : `, and as much was done after ${seconds(throughputMs)} s`
  const alone = aloneProbes === 0 ? '' : `; ${aloneProbes} later probes were slow with none around them`
  return `everything worked as before ${seconds(recoveryMs)} s later${done}${alone}`
}
