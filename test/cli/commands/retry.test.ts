import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'
import { assertWrongUsage } from '../wrong-usage.ts'

const { folder, murmur } = openIsolatedCliFixture(t)
writeFileSync(join(folder, 'list.json'), '[1]')

t.test('wrong usage is told before anything is connected to', (t) =>
  assertWrongUsage(t, murmur, [
    [['retry'], /missing required argument 'id'/],
    [['retry', 'x', '--from', 'a b'], /--from/],
    [['retry', 'x', '--input', '[1]'], /--input: it is not a JSON object/],
    [['retry', 'x', '--input', '@list.json'], /--input: it is not a JSON object/],
    [['retry', 'x', '--input', '@none.json'], /FILE_UNREADABLE: none\.json/],
    [['retry', 'x', '--request-id', ''], /--request-id/],
  ]),
)

t.test('what is right needs a stack', async (t) => {
  for (const args of [
    ['retry', 'x', '--from', 'a', '--from', 'b', '--input', '{"n":1}', '--request-id', 'r'],
  ]) {
    const { code, err } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.match(err, /NO_STACK/)
  }
})
