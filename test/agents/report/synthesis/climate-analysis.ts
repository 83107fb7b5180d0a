/** An analysis like that of examples/report, with one of everything: the ordinary case, and the one to look at. */
import { readFileSync } from 'node:fs'
import type { Analysis, ColumnFinding } from '#schemas/analysis.ts'
import {
  anomalyAt,
  blobRef,
  categoryColumn,
  correlationOf,
  documentEntry,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'

const YEARLY = { document: 'climate-by-year.csv', table: 'climate-by-year.csv' }
const MONTHLY = { document: 'co2-by-month.json', table: 'co2-by-month.json#monthly' }

const lines = readFileSync(
  new URL('../../../../examples/report/climate-by-year.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
const names = lines[0]!.split(',')
const rows = lines.slice(1).map((line) => line.split(','))
const months = JSON.parse(
  readFileSync(new URL('../../../../examples/report/co2-by-month.json', import.meta.url), 'utf8'),
) as { monthly: { month: string; co2: Record<string, number>; 'days measured': number }[] }

const yearly = (index: number): ColumnFinding => {
  const points = rows.flatMap((row): [number, number][] =>
    row[index] === '' ? [] : [[Date.UTC(Number(row[0]), 0, 1), Number(row[index])]],
  )
  return numberColumn({ ...YEARLY, column: names[index]! }, points, {
    xKind: 'time',
    missing: rows.length - points.length,
  })
}

const monthly = (column: string, value: (month: (typeof months.monthly)[number]) => number): ColumnFinding =>
  numberColumn(
    { ...MONTHLY, column },
    months.monthly.map((month) => [Date.parse(`${month.month}-01`), value(month)]),
    { xKind: 'time' },
  )

const [temperature, co2, seaIce] = [yearly(1), yearly(2), yearly(3)]
const mean = monthly('co2.mean (ppm)', (month) => month.co2['mean (ppm)']!)
const days = monthly('days measured', (month) => month['days measured'])
const from = (column: ColumnFinding, method: string, rowNumbers?: number[]) => ({
  document: column.document,
  table: column.table,
  column: column.column,
  ...(rowNumbers && { rows: rowNumbers }),
  method,
})

export function climateAnalysis(thumbnail = blobRef('test/thumbnail')): Analysis {
  const coldYear = anomalyAt(temperature, 6, -0.2, '1964-01-01')
  return {
    ...emptyAnalysis,
    documents: [
      documentEntry('climate-by-year.csv', { notes: ['24 cells are empty'] }),
      documentEntry('co2-by-month.json', { mediaType: 'application/json', bytes: 18210 }),
      documentEntry('notes.md', { kind: 'text', mediaType: 'text/markdown', bytes: 890 }),
      documentEntry('warming-stripes.png', { kind: 'image', mediaType: 'image/png', bytes: 3556 }),
      documentEntry('scan.pdf', {
        kind: 'rejected',
        mediaType: 'application/pdf',
        problem: { code: 'BROKEN_FILE', message: 'the cross-reference table is damaged' },
      }),
    ],
    columns: [
      temperature,
      co2,
      seaIce,
      mean,
      days,
      categoryColumn({ ...MONTHLY, column: 'season' }, { winter: 30, spring: 30, summer: 30, autumn: 30 }),
      categoryColumn({ ...MONTHLY, column: 'site' }, { 'Mauna Loa': 113, Maunakea: 7 }),
    ],
    trends: [
      trendOf(temperature, {
        changePoints: [
          { row: 29, label: '1987-01-01', before: 0.08, after: 0.62, pValue: 0.00001 },
          { row: 57, label: '2015-01-01', before: 0.55, after: 0.95, pValue: 0.002 },
        ],
      }),
      trendOf(co2),
      trendOf(seaIce, {
        changePoints: [{ row: 49, label: '2007-01-01', before: 6.58, after: 4.67, pValue: 0.00001 }],
      }),
      trendOf(mean),
      trendOf(days, { direction: 'none', pValue: 0.4 }),
    ],
    anomalies: [
      anomalyAt(seaIce, 54, 3.57, '2012-01-01'),
      anomalyAt(seaIce, 38, 7.58, '1996-01-01'),
      coldYear,
      anomalyAt(temperature, 65, 1.17, '2023-01-01'),
      anomalyAt(days, 117, 18, '2023-09-01'),
    ],
    correlations: [
      correlationOf(YEARLY, names[1]!, names[2]!, 0.95),
      correlationOf(YEARLY, names[1]!, names[3]!, -0.84),
      correlationOf(YEARLY, names[2]!, names[3]!, -0.88),
      correlationOf(MONTHLY, 'co2.mean (ppm)', 'days measured', -0.12),
    ],
    insights: [
      insight('i1', 'trend', {
        statement: 'CO2 (ppm) rises by 1.64 a year (Theil–Sen, p < 0.001).',
        strength: 0.99,
        evidence: { slope: 1.64, pValue: 1e-12, n: 65 },
        provenance: [from(co2, 'Theil–Sen slope')],
      }),
      insight('i2', 'correlation', {
        strength: 0.96,
        statement: 'Temperature anomaly (°C) and CO2 (ppm) correlate, Spearman 0.95.',
        evidence: { spearman: 0.95, pearson: 0.92 },
        provenance: [from(temperature, 'Spearman'), from(co2, 'Spearman')],
      }),
      insight('i3', 'change-point', {
        strength: 0.9,
        statement: 'September sea ice changes its level at 2007.',
        evidence: { before: 6.58, after: 4.67 },
        provenance: [from(seaIce, 'Pettitt test', [49])],
      }),
      insight('i4', 'anomaly', {
        strength: 0.82,
        statement: 'September sea ice is 3.57 in row 54.',
        evidence: { robustZ: -3.6 },
        provenance: [from(seaIce, 'median absolute deviation', [54])],
      }),
      insight('i5', 'text', {
        strength: 0.8,
        statement:
          'notes.md says the highest temperature anomaly is 0.92; in climate-by-year.csv it is 1.17.',
        evidence: { stated: 0.92, computed: 1.17 },
        provenance: [
          { document: 'notes.md', method: 'comparison with the data' },
          from(temperature, 'comparison with the data', [65]),
        ],
      }),
      insight('i6', 'trend', {
        strength: 0.7,
        statement: 'Temperature rises.',
        provenance: [from(temperature, 'Theil–Sen slope')],
      }),
      insight('i7', 'category', {
        strength: 0.6,
        statement: 'Mauna Loa makes up 94 % of site.',
        provenance: [{ ...MONTHLY, column: 'site', method: 'counting' }],
      }),
      insight('i8', 'quality', {
        strength: 0.45,
        statement: '24 of 65 values of September sea ice are missing.',
        evidence: { missing: 24 },
        provenance: [from(seaIce, 'counting')],
      }),
    ],
    texts: [
      {
        document: 'notes.md',
        title: 'Notes for the climate briefing',
        words: 152,
        keyPhrases: ['sea ice', 'Mauna Loa', 'yearly mean'],
        keySentences: ['The lowest September sea ice stands at 3.57, in million km².'],
        figures: [
          { sentence: 'The highest temperature anomaly so far is 0.92 °C.', value: 0.92, unit: '°C' },
        ],
      },
    ],
    images: [
      {
        document: 'warming-stripes.png',
        widthPx: 960,
        heightPx: 480,
        sharpness: 812.4,
        brightness: 121,
        palette: [
          { hex: '#08306b', share: 0.24 },
          { hex: '#6baed6', share: 0.31 },
          { hex: '#cb181d', share: 0.3 },
        ],
        thumbnail,
      },
      {
        document: 'warming-stripes-preview.jpg',
        widthPx: 480,
        heightPx: 240,
        sharpness: 640,
        brightness: 122,
        palette: [{ hex: '#0b3c5d', share: 0.8 }],
        thumbnail: blobRef('test/gone'),
        nearDuplicateOf: 'warming-stripes.png',
      },
    ],
  }
}
