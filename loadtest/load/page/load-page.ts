import { html, type Markup } from '../../../services/agents/report/synthesis/html/markup.ts'
import { compareRuns } from '../compare.ts'
import { figure, kneeText, recoveryText } from '../render-result.ts'
import type { LoadResult } from '../result-schema.ts'
import { SERVICE_LEVELS } from '../service-levels.ts'
import { isGood } from '../verdict.ts'
import { percentileChart } from './percentile-chart.ts'
import { phaseBars } from './phase-bars.ts'
import { seriesChart } from './series-chart.ts'
import { PAGE_STYLES } from './styles.ts'
import {
  activitiesTable,
  comparisonTable,
  kindsTable,
  levelsTable,
  stagesTable,
  tasksTable,
} from './tables.ts'

/** The report of a run: one file that needs no other, light and dark. Pure. */
export function loadPage(result: LoadResult, baseline?: LoadResult): string {
  const { scenario, origin, target } = result
  const { machine } = origin
  const comparison = baseline && compareRuns(result, baseline)
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Load: ${scenario.name}</title><style>${styles()}</style></head><body><main>
<header><p class="eyebrow">Load test · ${scenario.name}: ${scenario.what}</p>
<h1>${headline(result)}</h1>
<p class="lead">${loadText(result)} over ${result.transports.map((one) => (one === 'rest' ? 'REST' : 'gRPC')).join(' and ')} for ${Math.round(result.ranMs / 1000)} s, on ${target.about}. ${kneeText(result)}</p>
${result.void.length > 0 && html`<div class="void"><strong>This run is void.</strong><ul>${result.void.map((reason) => html`<li>${reason}</li>`)}</ul></div>`}</header>
<section><h2>Service levels</h2>${levelsTable(result)}</section>
<section><h2>Over time</h2>${timeCharts(result)}</section>
<section><h2>By kind of request</h2>${percentileChart(result)}${kindsTable(result)}
<p class="note">From when a question was due, so that an answer that kept others from being sent hides nothing. Percentiles are those of the whole run, read from the histograms of all its parts added together.</p></section>
<section><h2>Tasks, and where their time went</h2>${phaseBars(result.tasks)}${tasksTable(result)}
<p class="note">By the tasks’ own timestamps, along the longest path of their steps. Every accepted task was asked for when load was off.</p></section>
<section><h2>Step by step</h2>${stagesTable(result)}<p>${kneeText(result)}</p></section>
${hintsSection(result)}
<section><h2>Users</h2>${activitiesTable(result)}</section>
${comparison && html`<section><h2>Beside an earlier run</h2>${comparison.warnings.length > 0 && html`<ul>${comparison.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}${comparisonTable(comparison.rows)}</section>`}
<section><h2>How it was measured</h2><dl class="facts">
<div><dt>When</dt><dd>${origin.date}</dd></div>
<div><dt>Command</dt><dd><code>${origin.command}</code></dd></div>
<div><dt>Commit</dt><dd>${origin.commit ?? 'unknown'}</dd></div>
<div><dt>Machine</dt><dd>${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}; load average ${machine.loadBefore} when it began</dd></div>
<div><dt>Generator</dt><dd>event loop ${figure(result.generator.loopP99Ms)} ms late at its 99th percentile, ${figure(result.generator.loopMaxMs)} at most; questions sent ${figure(result.generator.lateP99Ms)} ms late at their 99th percentile; ${Math.round(result.generator.cpuShare * 100)} % of a core</dd></div>
</dl></section></main></body></html>
`
  return page.text
}

/** The stylesheet is no text to be escaped. */
function styles(): Markup {
  return PAGE_STYLES
}

function headline(result: LoadResult): string {
  if (result.void.length > 0) return 'Void: nothing follows from these figures'
  const missed = result.levels.filter(({ judgement }) => judgement === 'missed')
  if (isGood(result)) return 'Every service level that was asked for was met'
  return `Missed: ${missed.map(({ name, wanted }) => `${name} (${wanted})`).join('; ')}`
}

function loadText({ scenario }: LoadResult): string {
  return scenario.ratePerSecond === undefined
    ? `Up to ${scenario.users} users`
    : `Up to ${scenario.ratePerSecond} arrivals a second, whatever became of those before,`
}

function timeCharts(result: LoadResult): Markup {
  const { timeline, bucketMs, faults, scenario } = result
  const perSecond = 1000 / bucketMs
  const marks = faults.map(({ what, atMs }) => ({ at: atMs / 1000, label: `${what} killed` }))
  const line = (value: (bucket: LoadResult['timeline'][number]) => number) =>
    timeline.map((bucket) => [bucket.atMs / 1000, value(bucket)] as const)
  // Where nothing was answered there is no time that it took.
  const latency = (value: (bucket: LoadResult['timeline'][number]) => number) =>
    timeline
      .filter(({ answered }) => answered > 0)
      .map((bucket) => [bucket.atMs / 1000, value(bucket)] as const)
  const xTitle = 'seconds'
  return html`${seriesChart({
    title:
      scenario.ratePerSecond === undefined
        ? 'Users, and what was done'
        : 'Arrivals a second, and what was done',
    xTitle,
    marks,
    lines: [
      {
        label: scenario.ratePerSecond === undefined ? 'users' : 'arrivals a second',
        tone: 'e',
        isArea: true,
        points: line(({ users }) => users),
      },
      { label: 'answers a second', tone: 'a', points: line(({ answered }) => answered * perSecond) },
      { label: 'tasks that ended a second', tone: 'c', points: line(({ tasks }) => tasks * perSecond) },
    ],
  })}${seriesChart({
    title: 'How long answers took',
    xTitle,
    ySuffix: ' ms',
    marks,
    bounds: [{ at: SERVICE_LEVELS.apiP95Ms, label: `p95 < ${SERVICE_LEVELS.apiP95Ms} ms` }],
    lines: [
      { label: 'p99', tone: 'f', points: latency(({ p99Ms }) => p99Ms) },
      { label: 'p95', tone: 'b', points: latency(({ p95Ms }) => p95Ms) },
      { label: 'p50', tone: 'a', points: latency(({ p50Ms }) => p50Ms) },
    ],
  })}${seriesChart({
    title: 'What was not answered with what was asked for, a second',
    xTitle,
    marks,
    lines: [
      {
        label: 'told to come back later (429)',
        tone: 'b',
        points: line(({ refused }) => refused * perSecond),
      },
      { label: 'errors', tone: 'd', points: line(({ errors }) => errors * perSecond) },
    ],
  })}`
}

function hintsSection({ hints, faults }: LoadResult): Markup {
  const { given, missing, letIn, refusedAgain, gaveUp } = hints
  return html`<section><h2>Refusals and faults</h2>
${
  given + missing === 0
    ? html`<p>Nobody was told to come back later.</p>`
    : html`<p>${given + missing} times somebody was told to come back later, ${given} times with a time to do so. Who came back when it was said was let in ${letIn} times and refused again ${refusedAgain} times; ${gaveUp} gave up.</p>`
}${faults.map(
  (fault) =>
    html`<p>${fault.what} was killed after ${figure(fault.atMs / 1000)} s: ${recoveryText(fault)}.</p>`,
)}</section>`
}
