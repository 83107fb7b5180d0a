import t, { type Test } from 'tap'
import { type MadeReport, makeReport } from './make-report.ts'

/** What the whole report of a file must and must not say, and what its columns must be. */
interface Case {
  says?: RegExp[]
  never?: RegExp[]
  headline?: RegExp
  check?: (made: MadeReport, t: Test) => void
}

const NO_FINDING = [/ (rose|fell|risen|fallen|rises|falls)\b/, /shift|jump|drop(s|ped)\b/]
const column = ({ documents }: MadeReport, name: string) =>
  documents[0]?.tables?.[0]?.columns.find((column) => column.name === name)
const finding = ({ analysis }: MadeReport, name: string) =>
  analysis.columns.find((column) => column.column === name)
const isTime = (name: string, granularity: string): Case => ({
  check(made, t) {
    t.match(column(made, name), { kind: 'temporal', granularity }, `${name} is a time`)
    const values = (column(made, name)?.values ?? []) as number[]
    t.equal(new Date(Math.min(...values)).getUTCFullYear() >= 2020, true)
  },
})
const isNumber = (name: string, missing: number): Case => ({
  says: [new RegExp(`${missing}`)],
  check(made, t) {
    t.equal(column(made, name)?.kind, 'number')
    t.match(finding(made, name), { numeric: { missing } })
  },
})
const hasColumns = (...names: string[]): Case => ({
  check(made, t) {
    t.strictSame(
      made.documents[0]?.tables?.[0]?.columns.map((column) => column.name),
      names,
    )
  },
})

const CASES: Readonly<Record<string, Case>> = {
  'ragged_note.csv': {
    says: [/5 rows.*more cells/, /left out/],
    never: [/no cell was empty/, /read completely/],
  },
  'year_month.csv': { never: [/1956-01-01|1957-01-01/] },
  'text_empty_cells.csv': { says: [/note.*(50 %|30 of 60)/], never: [/no cell was empty/] },
  'header_only.csv': { says: [/no rows/], never: [/Nothing remarkable/, /no cell was empty/] },
  'thousands_mixed.csv': {
    check: (made, t) => t.ok(Math.abs((finding(made, 'Einwohner')?.numeric?.mean ?? 0) - 30_713.8) < 1),
  },
  'bigint_json.json': { never: [/same value in every row/] },
  'missing_dot.csv': isNumber('v', 15),
  'missing_div0.csv': isNumber('v', 12),
  'inf.csv': isNumber('v', 7),
  'censored.csv': {
    says: [/23 of 60|<\s?0\.05/],
    check: (made, t) => t.equal(column(made, 'conc')?.censored?.below.length, 23),
  },
  'seasonal_trend.csv': {
    says: [/month|season|year/i],
    never: [/Nothing remarkable/],
    check(made, t) {
      t.match(made.analysis.seasonalities?.[0], { column: 'visits', period: 12 })
      const amplitude = made.analysis.seasonalities?.[0]?.amplitude ?? 0
      t.ok(amplitude > 200 && amplitude < 700, `amplitude ${amplitude}`)
      t.equal(made.analysis.trends.find(({ column }) => column === 'visits')?.direction, 'rising')
    },
  },
  'leak.csv': {
    headline: /churn/i,
    says: [/48 %/, /10 %/],
    never: [/churn.*differs by churn_label|churn_label.*100 %/i],
    check: (made, t) => t.equal(finding(made, 'churn_label')?.role, 'derived'),
  },
  'panel.csv': { says: [/A\b.*(rose|rise)/, /B\b.*(fell|fall)/], never: [/Nothing remarkable/] },
  'linear_date.csv': { never: [/4\.40?, where|stands out|would be ordinary/] },
  'ranking.csv': { never: NO_FINDING },
  'sorted_noname.csv': { never: [...NO_FINDING, /[−-]\d/] },
  'ref_ids.csv': { never: NO_FINDING, check: (made, t) => t.not(finding(made, 'ref')?.role, 'measure') },
  'date_ampm.csv': isTime('when', 'time'),
  'date_d_mon_y.csv': isTime('date', 'day'),
  'date_epoch.csv': { check: (made, t) => t.match(column(made, 'timestamp'), { kind: 'temporal' }) },
  'date_isoweek.csv': isTime('date', 'week'),
  'date_mon_yyyy.csv': isTime('date', 'month'),
  'date_yymmdd.csv': isTime('date', 'day'),
  'date_ambiguous.csv': { says: [/days and months cannot be told apart/] },
  'preamble.csv': hasColumns('Date', 'Rain (mm)', 'Temp (°C)'),
  'numeric_header2.csv': hasColumns('city', '2021', '2020', '2019'),
  'age_header.csv': hasColumns('age', '0', '5', '10', '15'),
  'backslash_quote.csv': {
    check(made, t) {
      t.equal(made.documents[0]?.tables?.[0]?.columns.length, 3)
      t.match(finding(made, 'score'), { numeric: { min: 1, max: 5 } })
    },
  },
  'sentinel.csv': {
    says: [/999/],
    check: (made, t) => t.ok(Math.abs((finding(made, 'temp')?.numeric?.mean ?? 0) - 12) < 1),
  },
  'total_row.csv': {
    says: [/total/i],
    check: (made, t) => t.ok(Math.abs((finding(made, 'Units')?.numeric?.mean ?? 0) - 15.5) < 0.01),
  },
  'likert.csv': { never: [/skewed/] },
  'dup_rows.csv': { says: [/60 of 90|60 rows/] },
  'variance.csv': {
    says: [/spread|vari/i],
    check(made, t) {
      const changes = made.analysis.trends.flatMap(({ changePoints }) => changePoints)
      t.equal(changes.filter(({ of = 'level' }) => of === 'level').length, 0, 'the level does not change')
      t.equal(changes.filter(({ of }) => of === 'spread').length, 1)
    },
  },
  'corr_beyond_60.csv': { says: [/m67.*m68|m68.*m67/] },
  'units_row.csv': { check: (made, t) => t.match(column(made, 'temp'), { kind: 'number', unit: /C/ }) },
  'units_row_short.csv': { check: (made, t) => t.equal(column(made, 'temp')?.kind, 'number') },
  'cp1251.csv': { never: [/[ÃÐâ¸Ñ�]/], says: [/windows-1251|cyrillic/i] },
  'na_country.csv': { check: (made, t) => t.equal(column(made, 'code')?.values[0], 'NA') },
  'scanned.pdf': { never: [/Every source could be read/], says: [/scan|no text/i] },
  'two_col_rowwise.pdf': {},
  'html.html': {
    says: [],
    check: (made, t) => t.notMatch(made.documents[0]?.text?.content, /ReportSales|var x/),
  },
  'csv_as.txt': { check: (made, t) => t.match(column(made, 'amount'), { kind: 'number' }) },
  'pandas_columns.json': { check: (made, t) => t.ok((made.documents[0]?.tables?.[0]?.rows ?? 0) > 1) },
  'nan.json': {
    check(made, t) {
      t.equal(made.documents[0]?.tables?.[0]?.rows, 3)
      t.strictSame(column(made, 'b')?.values, [null, 3.5, null])
    },
  },
  'baddate.csv': {},
}

for (const [name, { says = [], never = [], headline, check }] of Object.entries(CASES))
  t.test(name, async (t) => {
    const made = await makeReport(name)
    const told = made.sentences.join('\n')
    for (const pattern of says) t.match(told, pattern)
    for (const pattern of never) t.notMatch(told, pattern)
    if (headline) t.match(made.headline, headline)
    check?.(made, t)
    // What a note quotes from the file is in quotation marks or named.
    if (name !== 'nan.json')
      for (const sentence of made.sentences) t.notMatch(sentence, /NaN|undefined|Infinity|\[object/)
    t.ok(made.sentences.length >= 3, 'there is something to read')
  })

t.test('claims/: each names a part or another thing, so none is a contradiction', async (t) => {
  const made = await makeReport('claims/sales.csv', 'claims/notes.md')
  t.notMatch(made.sentences.join('\n'), /says ".*but|contradict/i)
})
