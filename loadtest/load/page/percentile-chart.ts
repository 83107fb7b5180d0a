import type { Markup } from '../../../services/agents/report/synthesis/html/markup.ts'
import { Latencies } from '../measure/latencies.ts'
import type { KindResult, LoadResult } from '../result-schema.ts'
import { type Line, seriesChart } from './series-chart.ts'

/** Nines along the axis: 0 % at 0, 90 % at 1, 99 % at 2. */
const NINES = Array.from({ length: 61 }, (_, i) => i / 20)
const TONES = ['a', 'b', 'c', 'd', 'f', 'e'] as const
const NAMES: readonly { at: number; label: string }[] = [
  { at: 0, label: '0' },
  { at: 0.301, label: '50 %' },
  { at: 1, label: '90 %' },
  { at: 1.301, label: '95 %' },
  { at: 2, label: '99 %' },
  { at: 3, label: '99.9 %' },
]

/** Of the kinds that were measured most, and of small reports, the whole distribution. Pure. */
export function percentileChart({ kinds }: Pick<LoadResult, 'kinds'>): Markup {
  const measured = kinds.filter(
    ({ kind, transport, latency }) => transport === 'all' && latency.count > 0 && kind !== 'probe',
  )
  const reports = measured.filter(({ kind }) => kind === 'small report')
  const most = measured
    .filter((kind) => !reports.includes(kind))
    .toSorted((a, b) => b.latency.count - a.latency.count)
    .slice(0, TONES.length - reports.length)
  const lines = [...reports, ...most].map(
    (kind, i): Line => ({ label: kind.kind, tone: TONES[i]!, points: curve(kind) }),
  )
  return seriesChart({
    title: 'How long it took, by share of the questions',
    xTitle: 'share that took no longer',
    ySuffix: ' ms',
    isLogarithmic: true,
    xTicks: NAMES,
    lines,
  })
}

/** As far as there are enough measurements to say something: a share of 99.9 % needs a thousand. */
function curve({ histogram, latency }: KindResult): [number, number][] {
  const latencies = Latencies.decoded(histogram!)
  const furthest = Math.log10(Math.max(1, latency.count))
  return NINES.filter((nines) => nines <= furthest).map((nines) => [nines, latencies.at(1 - 10 ** -nines)])
}
