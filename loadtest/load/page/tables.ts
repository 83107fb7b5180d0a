import { html, type Insertable, type Markup } from '../../../services/agents/report/synthesis/html/markup.ts'
import type { Comparison } from '../compare.ts'
import { figure } from '../render-result.ts'
import type { LoadResult } from '../result-schema.ts'

interface Row {
  readonly cells: readonly Insertable[]
  /** Of the whole row. */
  readonly className?: string
}

function table(titles: readonly string[], rows: readonly Row[], numbersFrom = 1): Markup {
  const cell = (value: Insertable, i: number) =>
    i === 0
      ? html`<th scope="row">${value}</th>`
      : html`<td class="${i >= numbersFrom && 'number'}">${value}</td>`
  return html`<div class="scroll"><table><thead><tr>${titles.map((title, i) => html`<th class="${i >= numbersFrom && i > 0 && 'number'}">${title}</th>`)}</tr></thead>
<tbody>${rows.map(({ cells, className }) => html`<tr class="${className}">${cells.map(cell)}</tr>`)}</tbody></table></div>`
}

export function levelsTable({ levels }: LoadResult): Markup {
  return table(
    ['Level', 'Wanted', 'Measured', 'Verdict', ''],
    levels.map(({ name, wanted, measured, unit, judgement, note }) => ({
      cells: [
        name,
        html`<span class="nowrap">${wanted}</span>`,
        measured === undefined ? '–' : `${figure(measured)}${unit === '/s' ? '' : ' '}${unit}`,
        html`<span class="judgement ${judgement.replace(' ', '-')}">${judgement}</span>`,
        note ?? '',
      ],
    })),
    9,
  )
}

export function kindsTable({ kinds }: LoadResult): Markup {
  return table(
    ['Request', 'Answered', '429', 'Errors', 'p50 ms', 'p95 ms', 'p99 ms', 'p99.9 ms', 'Max ms', ''],
    kinds.map(({ kind, transport, answered, refused, errors, latency, judgement }) => {
      const has = latency.count > 0
      const time = (ms: number) => (has ? figure(ms) : '–')
      return {
        className: transport === 'all' ? '' : 'part',
        cells: [
          transport === 'all' ? kind : transport === 'rest' ? 'over REST' : 'over gRPC',
          answered.toLocaleString('en'),
          refused.toLocaleString('en'),
          errorsCell(errors),
          time(latency.p50Ms),
          time(latency.p95Ms),
          time(latency.p99Ms),
          time(latency.p999Ms),
          time(latency.maxMs),
          judgement === 'not asked' ? '' : html`<span class="judgement ${judgement}">${judgement}</span>`,
        ],
      }
    }),
  )
}

export function tasksTable({ tasks }: LoadResult): Markup {
  const titles = ['Task', 'Accepted', 'As expected', 'Otherwise', 'Open', 'Lost']
  return table(
    [...titles, 'Queue p50 / p95 ms', 'Work p50 / p95 ms', 'Rest p50 / p95 ms', 'In all p50 / p95 ms'],
    tasks.map(({ kind, accepted, asExpected, otherwise, open, lost, phases }) => {
      const pair = ({ p50Ms, p95Ms }: { p50Ms: number; p95Ms: number }) =>
        `${figure(p50Ms)} / ${figure(p95Ms)}`
      return {
        cells: [
          kind,
          accepted.toLocaleString('en'),
          asExpected.toLocaleString('en'),
          errorsCell(otherwise),
          open,
          lost > 0 ? html`<strong class="bad">${lost}</strong>` : 0,
          pair(phases.queue),
          pair(phases.run),
          pair(phases.orchestration),
          pair(phases.total),
        ],
      }
    }),
  )
}

export function stagesTable({ stages, scenario, knee }: LoadResult): Markup {
  const unit = scenario.ratePerSecond === undefined ? 'Users' : 'Arrivals/s'
  return table(
    [
      unit,
      'Seconds',
      'Answers/s',
      'Tasks/s',
      '429/s',
      'Errors',
      'API p95 ms',
      'Small reports p95 ms',
      'Levels',
    ],
    stages.map((stage) => ({
      className: knee && stage.held && stage.to === knee.load ? 'knee' : '',
      cells: [
        stage.from === stage.to ? stage.to : `${stage.from} → ${stage.to}`,
        `${Math.round(stage.fromMs / 1000)}–${Math.round(stage.toMs / 1000)}`,
        figure(stage.answeredPerSecond),
        figure(stage.tasksPerSecond),
        figure(stage.refusedPerSecond),
        `${figure(stage.errorShare * 100)} %`,
        figure(stage.apiP95Ms),
        stage.smallReportP95Ms === undefined ? '–' : figure(stage.smallReportP95Ms),
        html`<span class="judgement ${stage.held ? 'met' : 'missed'}">${stage.held ? 'held' : 'did not hold'}</span>`,
      ],
    })),
  )
}

export function activitiesTable({ activities }: LoadResult): Markup {
  return table(
    [
      'What users did',
      'Done',
      'Turned away',
      'Given up at an error',
      'Under way at the end',
      'Not as it should be',
    ],
    Object.entries(activities).map(([name, { done, refused, error, stopped, unexpected }]) => ({
      cells: [name, done, refused, error, stopped, errorsCell(unexpected)],
    })),
  )
}

export function comparisonTable(rows: readonly Comparison[]): Markup {
  return table(
    ['Figure', 'Before', 'Now', 'Now ÷ before', ''],
    rows.map(({ what, before, now, ratio, unit, change }) => ({
      cells: [
        what,
        `${figure(before)} ${unit}`,
        `${figure(now)} ${unit}`,
        ratio === undefined ? '–' : ratio.toFixed(2),
        change === 'same'
          ? 'same'
          : html`<span class="judgement ${change === 'better' ? 'met' : 'missed'}">${change}</span>`,
      ],
    })),
  )
}

function errorsCell(errors: Readonly<Record<string, number>>): Insertable {
  const entries = Object.entries(errors)
  if (entries.length === 0) return 0
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  return html`<strong class="bad">${total}</strong><small>${entries.map(([code, count]) => `${code} ${count}`).join(', ')}</small>`
}
