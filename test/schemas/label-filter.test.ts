import fc from 'fast-check'
import t from 'tap'
import { formatLabelFilter, parseLabelFilter } from '#schemas/label-filter.ts'

t.test('any label comes back as it was written', async () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ maxLength: 20 }), (name, value) => {
      const found = parseLabelFilter(formatLabelFilter(name, value))
      return found?.name === name && found.value === value
    }),
    {
      examples: [
        ['a:b', 'c:d'],
        ['\\', '\\'],
        ['a\\:', ':'],
        [':', ''],
      ],
    },
  )
})

t.test('what people write by hand', async (t) => {
  t.strictSame(parseLabelFilter('team:north'), { name: 'team', value: 'north' })
  t.strictSame(parseLabelFilter('url:http://x'), { name: 'url', value: 'http://x' })
  t.strictSame(parseLabelFilter('a\\:b:c'), { name: 'a:b', value: 'c' })
  t.strictSame(parseLabelFilter('a:b=c', '='), { name: 'a:b', value: 'c' })
  t.strictSame(parseLabelFilter('a\\=b=c=d', '='), { name: 'a=b', value: 'c=d' })
  t.strictSame(parseLabelFilter('c\\d:e'), { name: 'c\\d', value: 'e' })
  for (const text of ['team', ':north', '', 'a\\:b']) t.equal(parseLabelFilter(text), undefined, text)
})
