/** An analysis with one of each kind that a table of stores can give: panel, season, groups, shares, scatter, rules, losses. */
import type { Analysis, ColumnFinding, Series, TableStructure } from '#schemas/analysis.ts'
import {
  categoryColumn,
  correlationOf,
  documentEntry,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'

const SALES = { document: 'sales.csv', table: 'sales.csv' }
const CUSTOMERS = { document: 'customers.csv', table: 'customers.csv' }
const SHOPS = { document: 'shops.csv', table: 'shops.csv' }
const MONTHS = 96
const DAYS_A_MONTH = 30.4375

/** A fixed pattern without a trend, between −1 and 1. */
const noise = (at: number): number => Math.sin(at * 12.9898) * Math.cos(at * 4.1414)
const monthly = (value: (month: number) => number): [number, number][] =>
  Array.from({ length: MONTHS }, (_, month) => [Date.UTC(2015, month, 1), value(month)])
const series = (value: (month: number) => number): Series => ({ xKind: 'time', points: monthly(value) })

const sales: ColumnFinding = {
  ...numberColumn(
    { ...SALES, column: 'sales' },
    monthly((month) => 200 + 5 * noise(month)),
    { xKind: 'time' },
  ),
  role: 'measure',
  unit: 'kEUR',
  rows: 192,
  missing: 0,
  series: undefined,
}
const visits: ColumnFinding = {
  ...numberColumn(
    { ...SALES, column: 'visits' },
    monthly((month) => 1000 + 2 * month + 300 * Math.sin((month / 6) * Math.PI) + 30 * noise(month)),
    { xKind: 'time' },
  ),
  role: 'measure',
  rows: 96,
  missing: 0,
}
const tenure: ColumnFinding = {
  ...numberColumn(
    { ...CUSTOMERS, column: 'tenure_months' },
    Array.from({ length: 60 }, (_, row) => [row + 1, 3 + (row % 25)]),
  ),
  role: 'measure',
  unit: 'months',
  rows: 600,
  missing: 30,
}
const spend: ColumnFinding = {
  ...numberColumn(
    { ...CUSTOMERS, column: 'spend (EUR)' },
    Array.from({ length: 60 }, (_, row) => [row + 1, 20 + 4 * (row % 25)]),
  ),
  role: 'measure',
  unit: 'EUR',
  rows: 600,
  missing: 0,
}

const table = (place: typeof SALES, about: Partial<TableStructure>): TableStructure => ({
  ...place,
  rows: 600,
  columns: 4,
  kind: 'cross-section',
  timeColumns: [],
  notes: [],
  losses: [],
  ...about,
})

const store = (entity: string, slope: number, level: number) => {
  const own = series((month) => level + slope * month + 6 * noise(month + level))
  return trendOf({ ...sales, series: own }, { entity, series: own, slope: slope / DAYS_A_MONTH })
}

export function storesAnalysis(): Analysis {
  const place = (columns: string[], at: typeof SALES, rows?: number[]) => ({
    provenance: columns.map((column) => ({ ...at, column, method: 'm', ...(rows && { rows }) })),
  })
  return {
    ...emptyAnalysis,
    documents: [
      documentEntry('sales.csv'),
      documentEntry('customers.csv', { losses: ['5 rows had a fifth cell, which was left out.'] }),
      documentEntry('shops.csv'),
      documentEntry('stock.csv', {
        kind: 'rejected',
        problem: { code: 'SOURCE_UNAVAILABLE', message: 'the object store does not answer' },
      }),
    ],
    tests: 214,
    tables: [
      table(SALES, {
        kind: 'panel',
        rows: 192,
        timeColumns: ['month'],
        granularity: 'month',
        entity: { column: 'store', count: 5 },
        period: { fromMs: Date.UTC(2015, 0, 1), toMs: Date.UTC(2022, 11, 1), gaps: 2 },
      }),
      table(CUSTOMERS, { notes: ['60 of 600 rows are exact copies of an earlier row.'] }),
      table(SHOPS, { kind: 'cross-section', rows: 40 }),
    ],
    columns: [
      { ...SALES, column: 'month', kind: 'temporal', role: 'time', rows: 192, missing: 0 },
      {
        ...categoryColumn({ ...SALES, column: 'store' }, { A: 96, B: 96 }),
        role: 'category',
        rows: 192,
        missing: 0,
      },
      sales,
      visits,
      tenure,
      spend,
      {
        ...categoryColumn({ ...CUSTOMERS, column: 'plan' }, { basic: 250, pro: 350 }),
        role: 'category',
        rows: 600,
        missing: 0,
      },
      {
        ...categoryColumn({ ...CUSTOMERS, column: 'churn_label' }, { no: 440, yes: 160 }),
        role: 'derived',
        derivedFrom: { columns: ['churn'], how: 'code' },
        rows: 600,
        missing: 0,
      },
      { ...CUSTOMERS, column: 'note', kind: 'text', role: 'text', rows: 600, missing: 300 },
    ],
    trends: [
      store('A', 2, 100),
      store('B', -2, 300),
      store('C', 0.4, 180),
      store('D', -0.6, 240),
      store('E', 1.1, 60),
    ],
    seasonalities: [
      {
        ...SALES,
        column: 'visits',
        period: 12,
        cycle: 'month of the year',
        amplitude: 600,
        profile: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map(
          (phase, month) => ({ phase, effect: 300 * Math.sin((month / 6) * Math.PI) }),
        ),
        strength: 0.93,
        pValue: 1e-12,
      },
    ],
    differences: [
      {
        ...CUSTOMERS,
        category: 'region',
        measure: 'spend (EUR)',
        method: 'Kruskal–Wallis test',
        pValue: 1e-9,
        etaSquared: 0.21,
        groups: [
          { name: 'North', count: 140, median: 92, q1: 75, q3: 104 },
          { name: 'East, with the islands and the far coast', count: 160, median: 71, q1: 52, q3: 88 },
          { name: 'South', count: 170, median: 60, q1: 44, q3: 77 },
          { name: 'West', count: 130, median: 48, q1: 30, q3: 61 },
        ],
      },
    ],
    associations: [
      {
        ...CUSTOMERS,
        outcome: 'churn',
        by: 'plan',
        method: 'chi-squared test',
        pValue: 1e-16,
        cramersV: 0.42,
        outcomeValue: 'yes',
        groups: [
          { name: 'basic', count: 250, share: 0.48 },
          { name: 'pro', count: 350, share: 0.1 },
        ],
      },
    ],
    constraints: [
      {
        ...SHOPS,
        rule: 'opened ≤ closed',
        columns: ['opened', 'closed'],
        checked: 40,
        violations: 2,
        rows: [7, 31],
      },
    ],
    correlations: [
      {
        ...correlationOf(CUSTOMERS, 'tenure_months', 'spend (EUR)', 0.71),
        points: Array.from({ length: 200 }, (_, row): [number, number] => [
          row % 40,
          20 + 3 * (row % 40) + 25 * noise(row),
        ]),
      },
    ],
    insights: [
      insight('i1', 'association', { strength: 0.95, ...place(['churn', 'plan'], CUSTOMERS) }),
      insight('i2', 'trend', { strength: 0.93, ...place(['sales'], SALES) }),
      insight('i3', 'seasonality', { strength: 0.92, ...place(['visits'], SALES) }),
      insight('i4', 'constraint', {
        strength: 0.9,
        evidence: { rule: 'opened ≤ closed' },
        ...place(['opened', 'closed'], SHOPS),
      }),
      insight('i5', 'difference', { strength: 0.85, ...place(['spend (EUR)', 'region'], CUSTOMERS) }),
      insight('i6', 'correlation', { strength: 0.8, ...place(['tenure_months', 'spend (EUR)'], CUSTOMERS) }),
      insight('i7', 'difference', {
        strength: 0.7,
        evidence: { etaSquared: 1 },
        ...place(['churn', 'churn_label'], CUSTOMERS),
      }),
    ],
  }
}
