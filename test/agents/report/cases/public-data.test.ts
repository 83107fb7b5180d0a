import t from 'tap'
import { seededRandom } from '../../../../services/agents/report/analysis/statistics/change-points.ts'
import { makeReport } from './make-report.ts'

/** Tables made like well-known public ones: what an analyst leads with must lead. */

const csv = (name: string, header: string, rows: readonly (readonly (string | number)[])[]) => ({
  name,
  text: [header, ...rows.map((row) => row.join(','))].join('\n'),
})

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

t.test('the column that the table is about leads, not two sizes that go together', async (t) => {
  const random = seededRandom(3)
  const rows = times(400, () => {
    const size = 1 + random() * 4
    const grade = random() < 0.5 ? 'fine' : 'plain'
    return [
      size.toFixed(2),
      (size * 2 + random() * 0.1).toFixed(2),
      grade,
      Math.round(size * 900 + random() * 2500),
    ]
  })
  const { headline } = await makeReport(csv('stones.csv', 'carat,width,cut,price', rows))
  t.match(headline, /^Price is higher where (carat|width) is higher/)
})

t.test(
  'a table of counts: the share that all together show is gone within a third column, and that leads',
  async (t) => {
    const cells: [string, number, number, number, number][] = [
      ['A', 500, 310, 110, 68],
      ['B', 450, 280, 90, 56],
      ['C', 110, 38, 480, 168],
      ['D', 90, 7, 500, 40],
    ]
    const rows = cells.flatMap(([dept, men, menIn, women, womenIn]) => [
      [dept, 'male', 'Admitted', menIn],
      [dept, 'male', 'Rejected', men - menIn],
      [dept, 'female', 'Admitted', womenIn],
      [dept, 'female', 'Rejected', women - womenIn],
    ])
    const { headline, report, sentences } = await makeReport(csv('entry.csv', 'dept,sex,admit,freq', rows))
    t.match(
      headline,
      /^Admit is Admitted in 55 % of the 1150 rows with sex male.*within groups of the same dept, however, the difference is gone/,
    )
    t.match(sentences.join('\n'), /16 rows were read as 2330 cases/)
    t.ok(report.recommendations.some(({ rule }) => rule === 'quote-within-groups'))
    t.notOk(report.recommendations.some(({ text }) => /begin with/.test(text)))
  },
)

t.test('a model and its class, save a slip, are no finding', async (t) => {
  const random = seededRandom(5)
  const models = times(12, (i) => `model ${i}`)
  const rows = times(240, (i) => [
    models[i % 12]!,
    i === 7 ? 'van' : ['van', 'compact', 'pickup'][(i % 12) % 3]!,
    (15 + ((i % 12) % 3) * 5 + random() * 3).toFixed(1),
  ])
  const { report } = await makeReport(csv('fleet.csv', 'model,class,mpg', rows))
  t.notOk(report.findings.some(({ kind }) => kind === 'association'))
  t.match(report.headline.text, /^Mpg differs by class/)
})

t.test(
  'subjects that all go through the same days: what happens along them is seen within each',
  async (t) => {
    const random = seededRandom(9)
    const rows = times(18, (subject) => {
      const base = 230 + random() * 120
      return times(10, (day) => [subject + 301, day, (base + 10 * day + random() * 20).toFixed(1)])
    }).flat()
    const { headline } = await makeReport(csv('sleep-lab.csv', 'subject,days,reaction', rows))
    t.match(headline, /^Reaction is higher where days is higher/)
    const flat = rows.map(([subject, day]) => [
      subject!,
      day!,
      (300 + Number(subject) + random() * 40).toFixed(1),
    ])
    const nothing = await makeReport(csv('sleep-lab.csv', 'subject,days,reaction', flat))
    t.notMatch(nothing.headline, /where days/, 'and nothing where nothing happens')
  },
)

t.test('clock times, flight numbers and sorted weights are what they are', async (t) => {
  const random = seededRandom(11)
  const flights = times(300, (i) => {
    const minutes = Math.floor(random() * 1440)
    return [1 + ((i * 37) % 90), Math.floor(minutes / 60) * 100 + (minutes % 60), (random() * 30).toFixed(1)]
  })
  const { report } = await makeReport(csv('departures.csv', 'flight,dep_time,delay', flights))
  const roles = Object.fromEntries(report.columns.map(({ column, role }) => [column, role]))
  t.match(roles, { flight: 'identifier', dep_time: 'calendar', delay: 'measure' })
  const women = times(15, (i) => [58 + i, 115 + Math.round(i * 3.2 + (i * i) / 60)])
  const sorted = await makeReport(csv('women.csv', 'height,weight', women))
  t.strictSame(
    sorted.report.columns.map(({ role }) => role),
    ['measure', 'measure'],
  )
})

t.test('decimal years are months, and nothing is told by the row', async (t) => {
  const random = seededRandom(13)
  const rows = times(144, (i) => [
    (1949 + i / 12).toFixed(4),
    Math.round(120 + 2 * i + 40 * Math.sin((2 * Math.PI * i) / 12) + random() * 15),
  ])
  const { sentences } = await makeReport(csv('passengers.csv', 'time,value', rows))
  t.match(sentences.join('\n'), /in Jan 1949 to .* in Dec 1960/)
  t.match(sentences.join('\n'), /month of the year/)
  t.notMatch(sentences.join('\n'), /in row|a row\b(?! a)/)
})

t.test('a line with a gap has no step there, and no weekday in a fortnight', async (t) => {
  const random = seededRandom(11)
  const start = Date.UTC(2024, 4, 1)
  const rows = times(2000, (i) => [
    new Date(start + i * 600_000).toISOString().slice(0, 16),
    (3.6 - 0.00018 * i + (random() - 0.5) * 0.014).toFixed(3),
  ]).filter((_, i) => i <= 500 || i >= 620)
  const { analysis } = await makeReport(csv('battery.csv', 'timestamp,battery', rows))
  const kinds = analysis.insights.filter(({ strength }) => strength >= 0.5).map(({ kind }) => kind)
  t.strictSame(kinds, ['trend'])
})

t.test('quotients kept with seven digits break no rule', async (t) => {
  const random = seededRandom(8)
  const rows = times(120, (i) => {
    const [part, whole] = [1 + Math.floor(random() * 900), 5000 + Math.floor(random() * 90_000)]
    const share = (100 * part) / whole
    return [`c${i}`, part, whole, i % 40 === 0 ? Math.fround(share).toPrecision(7) : share.toFixed(9)]
  })
  const { analysis } = await makeReport(csv('people.csv', 'county,native,total,pct_native', rows))
  t.strictSame(
    analysis.insights.filter(({ kind }) => kind === 'constraint'),
    [],
  )
})

t.test('amounts in several currencies carry that in the headline', async (t) => {
  const random = seededRandom(2)
  const rows = times(200, (i) => {
    const channel = i % 2 === 0 ? 'web' : 'phone'
    const amount = (40 + random() * 40) * (channel === 'web' ? 1 : 2.5)
    return [`so-${i}`, `${['€', '$', '£'][i % 3]}${amount.toFixed(2)}`, channel]
  })
  const { headline } = await makeReport(csv('sales.csv', 'order_no,amount,channel', rows))
  t.match(headline, /Amount differs by channel.* Mind: "amount" is given in .*not converted/)
})

t.test('answers with a number each are a survey, whenever they were sent', async (t) => {
  const random = seededRandom(4)
  const rows = times(120, (i) => {
    const support = 1 + Math.floor(random() * 5)
    return [
      new Date(Date.UTC(2024, 2, 1, 8, i * 7)).toISOString().slice(0, 16),
      `R_${i}a`,
      Math.min(5, Math.max(1, Math.round(support * 0.7 + random() * 1.6))),
      1 + Math.floor(random() * 5),
      support,
    ]
  })
  const { headline, analysis } = await makeReport(
    csv('survey.csv', 'StartDate,ResponseId,satisfaction,ease rating,support rating', rows),
  )
  t.equal(analysis.tables?.[0]?.kind, 'survey')
  t.match(headline, /is higher where/)
})
