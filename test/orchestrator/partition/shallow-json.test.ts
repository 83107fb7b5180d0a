import fc from 'fast-check'
import t from 'tap'
import { shallowMembers } from '../../../services/orchestrator/partition/shallow-json.ts'

t.test('names are found in any bytes, and only those that stand directly in the object', async (t) => {
  const found = (text: string) => Object.fromEntries(shallowMembers(Buffer.from(text)))
  t.strictSame(found('{"a":"x","b":{"a":"y","c":1},"d":[{"e":2}],"f":-1.5e3,"g":true,"h":"\\"}"}'), {
    a: 'x',
    f: -1500,
    h: '"}',
  })
  t.strictSame(found('{"a" : "x" , "b":["y","z"],"c":null,"taskId":"t"'), { a: 'x', taskId: 't' })
  t.strictSame(found(''), {})
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const direct = Object.entries(object).filter(
        ([key, value]) =>
          key.length < 80 && ((typeof value === 'string' && value.length < 80) || typeof value === 'number'),
      )
      const members = shallowMembers(Buffer.from(JSON.stringify(object)))
      return direct.every(([key, value]) => Object.is(members.get(key), JSON.parse(JSON.stringify(value))))
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => shallowMembers(bytes).size >= 0))
})
