import t from 'tap'
import { z } from 'zod'
import { readMessage } from '../../../services/platform/json/read-message.ts'

const schema = z.object({ n: z.number().default(1) })

t.test('what is of the form, and nothing else', async (t) => {
  t.strictSame(readMessage('{"n": 2, "more": true}', schema), { n: 2 })
  t.strictSame(readMessage(Buffer.from('{}'), schema), { n: 1 }, 'with its defaults')
  for (const other of ['', '{', 'null', '[]', '{"n": "2"}', '\u0000'])
    t.equal(readMessage(other, schema), undefined, other)
  t.equal(readMessage(Uint8Array.of(0xff, 0xfe), schema), undefined)
})
