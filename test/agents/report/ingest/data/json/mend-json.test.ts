import fc from 'fast-check'
import t from 'tap'
import { mendJson } from '../../../../../../services/agents/report/ingest/data/json/mend-json.ts'

t.test('what is no JSON becomes null, and what a double would change a string', async (t) => {
  t.strictSame(mendJson('[NaN, -Infinity,nan,1e5,-0.5]'), {
    text: '[null, null,null,1e5,-0.5]',
    nonFinite: 3,
    bigIntegers: 0,
  })
  t.strictSame(mendJson('{"id":1234567890123456789,"b":-9007199254740993}'), {
    text: '{"id":"1234567890123456789","b":"-9007199254740993"}',
    nonFinite: 0,
    bigIntegers: 2,
  })
  t.match(mendJson('[9007199254740991,12345678901234567.5,1e20,0.12345678901234567]'), { bigIntegers: 0 })
})

t.test(
  'strings stay, also those with quotes in them, and one broken line does not spoil the next',
  async (t) => {
    const text = '{"NaN":"a \\"NaN, 1234567890123456789","b":"Infinity"}'
    t.equal(mendJson(text).text, text)
    t.equal(mendJson('{"a": "open\n{"a": NaN}').text, '{"a": "open\n{"a": null}')
    t.equal(mendJson('{"a": BANANA, "nan": 1}').nonFinite, 0)
  },
)

t.test('any JSON of doubles is the same value afterwards', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      const again = JSON.stringify(JSON.parse(mendJson(text).text))
      return mendJson(text).bigIntegers > 0 || again === JSON.stringify(JSON.parse(text))
    }),
  )
})
