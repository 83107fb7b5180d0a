/** Analyses made by hand: what the synthesis agent may be given, from ordinary to hostile. */
import type { Analysis, Anomaly, ColumnFinding, Insight, NumericSummary, Trend } from '#schemas/analysis.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { Correlation } from '#schemas/relations.ts'

const SHA = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const emptyAnalysis: Analysis = {
  v: 1,
  documents: [],
  columns: [],
  correlations: [],
  anomalies: [],
  trends: [],
  insights: [],
  texts: [],
  images: [],
}

type DocumentEntry = Analysis['documents'][number]

export function documentEntry(name: string, about: Partial<DocumentEntry> = {}): DocumentEntry {
  return { name, kind: 'data', mediaType: 'text/csv', bytes: 1834, sha256: SHA, notes: [], ...about }
}

export function blobRef(blob: string, contentType = 'image/webp'): BlobRef {
  return { blob, size: 10, sha256: SHA, contentType }
}

/** A summary with the fields that matter computed, and plausible ones for the others. */
export function numericSummary(values: readonly number[], missing = 0): NumericSummary {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
  const [min, max] = [at(0), at(1)]
  const width = (max - min) / 12
  return {
    count: values.length,
    missing,
    mean,
    median: at(0.5),
    min,
    max,
    q1: at(0.25),
    q3: at(0.75),
    stdDev: Math.sqrt(variance),
    mad: (at(0.75) - at(0.25)) / 2,
    skewness: 0.1,
    kurtosis: -0.5,
    autocorrelation: 0.9,
    histogram: Array.from({ length: 12 }, (_, bin) => {
      const [low, high] = [min + bin * width, min + (bin + 1) * width]
      return {
        low,
        high,
        count: values.filter((value) => value >= low && (value < high || bin === 11)).length,
      }
    }),
    distribution: 'symmetric',
  }
}

export function numberColumn(
  place: { document: string; table: string; column: string },
  points: [number, number][],
  about: { xKind?: 'time' | 'row'; missing?: number } = {},
): ColumnFinding {
  return {
    ...place,
    kind: 'number',
    numeric: numericSummary(
      points.map(([, y]) => y),
      about.missing,
    ),
    series: { xKind: about.xKind ?? 'row', points },
  }
}

export function categoryColumn(
  place: { document: string; table: string; column: string },
  counts: Record<string, number>,
): ColumnFinding {
  const count = Object.values(counts).reduce((sum, each) => sum + each, 0)
  return {
    ...place,
    kind: 'category',
    category: {
      count,
      missing: 0,
      distinct: Object.keys(counts).length,
      top: Object.entries(counts).map(([value, each]) => ({ value, count: each, share: each / count })),
      evenness: 0.7,
    },
  }
}

export function trendOf(column: ColumnFinding, about: Partial<Trend> = {}): Trend {
  const points = column.series!.points
  const [first, last] = [points[0]!, points.at(-1)!]
  const perUnit = column.series!.xKind === 'time' ? 86_400_000 : 1
  const slope = ((last[1] - first[1]) / (last[0] - first[0])) * perUnit
  return {
    document: column.document,
    table: column.table,
    column: column.column,
    n: points.length,
    direction: slope > 0 ? 'rising' : 'falling',
    slope,
    slopeUnit: column.series!.xKind === 'time' ? 'day' : 'row',
    intercept: first[1],
    relativeChange: first[1] === 0 ? null : (last[1] - first[1]) / first[1],
    pValue: 1e-9,
    tau: Math.sign(slope) * 0.8,
    slopeInterval: { low: slope * 0.85, high: slope * 1.15 },
    changePoints: [],
    ...about,
  }
}

export function anomalyAt(column: ColumnFinding, row: number, value: number, label?: string): Anomaly {
  const { mean, stdDev } = column.numeric!
  return {
    document: column.document,
    table: column.table,
    column: column.column,
    row,
    value,
    ...(label !== undefined && { label }),
    zScore: (value - mean) / stdDev,
    robustZ: ((value - mean) / stdDev) * 1.2,
    expected: { low: mean - 2 * stdDev, high: mean + 2 * stdDev },
    methods: ['median absolute deviation'],
  }
}

export function correlationOf(
  place: { document: string; table: string },
  a: string,
  b: string,
  spearman: number,
): Correlation {
  return { ...place, a, b, n: 65, pearson: spearman * 0.97, spearman, pValue: 0.0001 }
}

export function insight(id: string, kind: Insight['kind'], about: Partial<Insight> = {}): Insight {
  return {
    id,
    kind,
    statement: `Statement of ${id}.`,
    strength: 0.9,
    evidence: { n: 12 },
    provenance: [],
    ...about,
  }
}
