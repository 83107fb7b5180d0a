import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { asOutput, resultError } from '#workflow/decide/result-output.ts'
import { MemoryObjects } from '../../../services/sdk/testing/memory-blobs.ts'

t.test(
  'a value is its output up to the bound, and beyond it a reference that its content names',
  async (t) => {
    const objects = new MemoryObjects()
    const longest = 'x'.repeat(LIMITS.inlineOutputBytes - 2)
    t.equal(await asOutput(longest, { folder: 'f', tenant: 'acme' }, objects), longest)
    const stored = await asOutput(`${longest}y`, { folder: 'f', tenant: 'acme' }, objects)
    t.match(stored, {
      $json: {
        blob: /^f\/[0-9a-f]{64}$/,
        size: LIMITS.inlineOutputBytes + 1,
        contentType: 'application/json',
      },
    })
    t.strictSame(await asOutput(`${longest}y`, { folder: 'f', tenant: 'acme' }, objects), stored)
    t.match(
      await asOutput('ä'.repeat(LIMITS.inlineOutputBytes / 2), { folder: 'f', tenant: 'acme' }, objects),
      { $json: {} },
      'bytes count',
    )
  },
)

t.test('an error of a result has a bounded message', async (t) => {
  t.equal(resultError('CODE', 'x'.repeat(5000)).message.length, 2000)
})
