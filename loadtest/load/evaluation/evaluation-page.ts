import { figure, kneeText, recoveryText } from '../render-result.ts'
import { LOAD_RESULT, type LoadResult, type Origin } from '../result-schema.ts'
import { SCENARIOS } from '../scenarios.ts'
import { isGood } from '../verdict.ts'
import { markdownTable, markdownTables } from './markdown-tables.ts'
import type { TablesResult } from './tables-schema.ts'

const HEAD = `# Evaluation

<!-- Made from the files in loadtest/results by \`npm run docs\`: no figure here is typed by hand. -->

What was measured, on which machine, when and how. \`npm run load -- SCENARIO --record\` measures a scenario anew, \`npm run docs\` writes this page;
[load](load.md) says how a run is read. Machines differ and are noisy: compare ratios of one run. Figures that were taken by hand, of
parts of the system, stand in [measurements](measurements.md).
`

/** docs/EVALUATION_RESULTS.md, from the results that are kept. Pure. */
export function evaluationPage(results: readonly (LoadResult | TablesResult)[]): string {
  const order = SCENARIOS.map(({ name }) => name)
  const runs = results
    .filter((result): result is LoadResult => result.schema === LOAD_RESULT)
    .toSorted((a, b) => order.indexOf(a.scenario.name) - order.indexOf(b.scenario.name))
  const others = results.filter((result): result is TablesResult => result.schema !== LOAD_RESULT)
  const sections = [
    HEAD.trimEnd(),
    '## Service levels',
    runs.length === 0 ? 'No run of a scenario is recorded.' : levelsOf(runs),
    ...(runs.length === 0 ? [] : ['## Scenarios', overview(runs), ...runs.flatMap(scenarioSection)]),
    ...others.flatMap(tablesSection),
  ]
  return `${sections.join('\n\n')}\n`
}

/** One row a level, one column a scenario. */
function levelsOf(runs: readonly LoadResult[]): string {
  const levels = new Map(runs.flatMap(({ levels }) => levels).map(({ name, wanted }) => [name, wanted]))
  const rows = [...levels].map(([name, wanted]) => [
    name,
    wanted,
    ...runs.map((run) => {
      const level = run.levels.find((one) => one.name === name)
      if (!level || level.judgement === 'not asked') return 'not asked'
      const unit = `${level.unit === '/s' || level.unit === '' ? '' : ' '}${level.unit}`
      const value = level.measured === undefined ? 'not seen' : `${figure(level.measured)}${unit}`
      const isBad = level.judgement === 'missed'
      return run.void.length > 0 ? `(${value})` : isBad ? `**${value}: missed**` : value
    }),
  ])
  const table = markdownTable(['level', 'wanted', ...runs.map(({ scenario }) => scenario.name)], rows)
  const isAnyVoid = runs.some((run) => run.void.length > 0)
  return isAnyVoid ? `${table}\n\nFigures in brackets are of void runs: nothing follows from them.` : table
}

function overview(runs: readonly LoadResult[]): string {
  const columns = [
    'scenario',
    'load',
    'seconds',
    'answers/s',
    'tasks/s',
    '429',
    'errors',
    'accepted',
    'lost',
    'verdict',
  ]
  return markdownTable(
    columns,
    runs.map((run) => {
      const seconds = run.ranMs / 1000
      const api = run.kinds.filter(({ group, transport }) => group === 'api' && transport === 'all')
      const tasks = run.kinds.filter(({ group, transport }) => group === 'task' && transport === 'all')
      const total = (of: readonly { answered: number }[]) =>
        of.reduce((sum, { answered }) => sum + answered, 0)
      const refused = api.reduce((sum, each) => sum + each.refused, 0)
      const errors = api.flatMap((each) => Object.values(each.errors)).reduce((sum, count) => sum + count, 0)
      const accepted = run.tasks.reduce((sum, each) => sum + each.accepted, 0)
      const lost = run.tasks.reduce((sum, each) => sum + each.lost, 0)
      return [
        run.scenario.name,
        loadText(run),
        Math.round(seconds),
        figure(total(api) / seconds),
        figure(total(tasks) / seconds),
        refused.toLocaleString('en'),
        errors.toLocaleString('en'),
        accepted.toLocaleString('en'),
        lost,
        verdictOf(run),
      ]
    }),
  )
}

function scenarioSection(run: LoadResult): string[] {
  const kinds = run.kinds.filter(({ transport, latency }) => transport === 'all' && latency.count > 0)
  const tasks = run.tasks.filter(({ phases }) => phases.total.count > 0)
  const { hints } = run
  return [
    `### ${run.scenario.name}`,
    `${originText(run.origin)} ${loadText(run)} over ${run.transports.map((one) => (one === 'rest' ? 'REST' : 'gRPC')).join(' and ')}, ${Math.round(run.ranMs / 1000)} s, on ${run.target.kind === 'local' ? 'a stack on the same machine' : 'a deployment'}. ${kneeText(run)}`,
    ...run.void.map((reason) => `**Void**: ${reason}.`),
    markdownTable(
      ['request', 'answered', '429', 'errors', 'p50, ms', 'p95, ms', 'p99, ms', 'max, ms'],
      kinds.map(({ kind, answered, refused, errors, latency }) => [
        kind,
        answered.toLocaleString('en'),
        refused.toLocaleString('en'),
        errorsText(errors),
        figure(latency.p50Ms),
        figure(latency.p95Ms),
        figure(latency.p99Ms),
        figure(latency.maxMs),
      ]),
    ),
    ...(tasks.length === 0
      ? []
      : [
          'Where the time of tasks went (p50 / p95, ms):',
          markdownTable(
            ['task', 'accepted', 'as expected', 'in queues', 'at work', 'orchestration', 'in all'],
            tasks.map(({ kind, accepted, asExpected, phases }) => [
              kind,
              accepted.toLocaleString('en'),
              asExpected.toLocaleString('en'),
              ...[phases.queue, phases.run, phases.orchestration, phases.total].map(
                ({ p50Ms, p95Ms }) => `${figure(p50Ms)} / ${figure(p95Ms)}`,
              ),
            ]),
          ),
        ]),
    ...run.faults.map((fault) => `\`${fault.what}\` was killed; ${recoveryText(fault)}.`),
    ...(hints.given + hints.missing === 0
      ? []
      : [
          `Of ${(hints.given + hints.missing).toLocaleString('en')} refusals ${hints.given.toLocaleString('en')} said when to come back; who came then was let in ${hints.letIn.toLocaleString('en')} times and refused again ${hints.refusedAgain.toLocaleString('en')} times.`,
        ]),
  ]
}

function tablesSection(result: TablesResult): string[] {
  return [`## ${result.title}`, `${originText(result.origin)} ${result.about}`, markdownTables(result)]
}

function originText({ date, command, commit, machine }: Origin): string {
  const { cores, cpu, memoryGiB, node, loadBefore } = machine
  const where = `${cores} × ${cpu}, ${memoryGiB} GiB, Node ${node}`
  const at = commit === undefined ? '' : `, commit \`${commit}\``
  return `\`${command.trim()}\` on ${date.slice(0, 10)}${at}; ${where}, load average before it ${loadBefore}.`
}

function loadText({ scenario }: Pick<LoadResult, 'scenario'>): string {
  return scenario.ratePerSecond === undefined
    ? `${scenario.users.toLocaleString('en')} users`
    : `${scenario.ratePerSecond.toLocaleString('en')} arrivals/s`
}

function verdictOf(run: LoadResult): string {
  if (run.void.length > 0) return 'void'
  if (isGood(run)) return 'met'
  const missed = run.levels.filter(({ judgement }) => judgement === 'missed').length
  return `${missed} missed`
}

function errorsText(errors: Readonly<Record<string, number>>): string {
  const entries = Object.entries(errors)
  return entries.length === 0 ? '0' : entries.map(([code, count]) => `${code} ${count}`).join(', ')
}
