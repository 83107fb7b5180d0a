import t from 'tap'
import {
  recordsIn,
  startsWithRecord,
} from '../../../../../services/agents/report/ingest/large/json-records.ts'

t.test('records of the outermost array are counted, whole ones only', async (t) => {
  t.equal(recordsIn('[{"a": 1}, {"a": {"b": [1, 2]}}, {"a": 3}]'), 3)
  t.equal(recordsIn('\ufeff \n[{"a": 1}, {"a":'), 1, 'the beginning of a longer text')
  t.equal(recordsIn('[{"a": "}, {\\"}"}, {"b": "]"}]'), 2, 'brackets in texts')
  t.equal(recordsIn('{"a": [{"b": 1}, {"b": 2}]}'), 0, 'an object')
  t.equal(recordsIn('[1, 2, 3]'), 0, 'values')
})

t.test('a first line that is a record by itself', async (t) => {
  t.equal(startsWithRecord('{"a": 1}\n{"a":'), true)
  t.equal(startsWithRecord('{"a": 1}'), true)
  for (const text of ['{\n"a": 1}', '5\n6\n', 'null\n', 'a,b\n', ''])
    t.equal(startsWithRecord(text), false, text)
})
