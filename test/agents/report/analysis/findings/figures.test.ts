import t from 'tap'
import { figuresOf } from '../../../../../services/agents/report/analysis/findings/figures.ts'

const values = (sentence: string) =>
  figuresOf(sentence).map(({ value, unit }) => (unit ? [value, unit] : [value]))

t.test('figures in sentences', async (t) => {
  t.same(values('Sales were €1.5 million, up 12 %.'), [
    [1_500_000, '€'],
    [12, '%'],
  ])
  t.same(values('We sold 1,234 units at 3,5 kg'), [
    [1234, 'units'],
    [3.5, 'kg'],
  ])
  t.same(values('On 2024-05-01 at 12:30 in 2023, version 1.2.3 of Q3 on the 2nd, May 5'), [])
  t.same(values('Losses reached -40 points'), [[-40, 'points']])
})

t.test('m and k are units as often as magnitudes', async (t) => {
  t.same(values('The wall is 3 m high'), [[3, 'm']], 'metres')
  t.same(values('The room has 12 m²'), [[12, 'm²']])
  t.same(values('They paid €3 m, or $3m, or 3 m euros'), [
    [3_000_000, '€'],
    [3_000_000, '$'],
    [3_000_000, 'euros'],
  ])
  t.same(values('It has 10k users'), [[10_000, 'users']])
  t.same(values('A resistor of 5 k'), [[5, 'k']])
  t.same(values('It cost 2 mn and 3 bn'), [[2_000_000], [3_000_000_000]])
})

t.test('units: degrees, composed ones, and words that are none', async (t) => {
  t.same(values('It was 21.5 °C at 80 km/h with 12 µg/m³'), [
    [21.5, '°C'],
    [80, 'km/h'],
    [12, 'µg/m³'],
  ])
  t.same(values('It was 30 altogether, 40 while 50 less'), [[30], [40], [50]])
})

t.test('a range is two ends and no value', async (t) => {
  const ends = (sentence: string) =>
    figuresOf(sentence).map(({ value, unit, inRange }) => [value, unit, inRange])
  for (const text of [
    'It takes 10–20 kg.',
    'It takes 10-20 kg.',
    'It takes 10 to 20 kg.',
    'It takes between 10 and 20 kg.',
  ]) {
    t.same(
      ends(text),
      [
        [10, 'kg', true],
        [20, 'kg', true],
      ],
      text,
    )
  }
  t.same(ends('It rose from 10 to 20 kg.'), [
    [10, undefined, undefined],
    [20, 'kg', undefined],
  ])
  t.same(values('From 2019-2023, call 555-123-4567 on 5-6 May'), [])
})

t.test('a figure knows where it stands', async (t) => {
  const sentence = 'Rain was 3.5 mm in all'
  const [{ span }] = figuresOf(sentence) as [ReturnType<typeof figuresOf>[number]]
  t.equal(sentence.slice(span.start, span.end), '3.5 mm')
  const [bare] = figuresOf('Rain was 3.5 in all') as [ReturnType<typeof figuresOf>[number]]
  t.equal('Rain was 3.5 in all'.slice(bare.span.start, bare.span.end), '3.5')
})

t.test('of what is too long for a sentence only the beginning is searched', async (t) => {
  const figures = figuresOf('It was 3 kg. '.repeat(10_000))
  t.ok(figures.length > 100 && figures.length < 1_000, `${figures.length} figures`)
})
