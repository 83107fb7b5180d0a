import t from 'tap'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'
import { assertWrongUsage } from '../wrong-usage.ts'

const { murmur } = openIsolatedCliFixture(t)

t.test('wrong usage is told before anything is connected to', (t) =>
  assertWrongUsage(t, murmur, [
    [['pause'], /missing required argument 'id'/],
    [['pause', 'a.b'], /no dots/],
    [['pause', 'x', '--reason', 'x'.repeat(1001)], /1000/],
    [['resume'], /missing required argument 'id'/],
    [['signal', 'x'], /missing required argument 'name'/],
    [['signal', 'x', 'not a name'], /a signal is 1 to 64 characters/],
    [['signal', 'x', 'go', '--payload', '{'], /--payload: it is not JSON/],
    [['signal', 'x', 'go', '--payload', '@none.json'], /FILE_UNREADABLE: none\.json/],
    [['signal', 'x', 'go', '--id', ''], /--id/],
  ]),
)

t.test('what is right needs a stack', async (t) => {
  for (const args of [
    ['pause', 'x', '--reason', 'lunch'],
    ['resume', 'x'],
    ['signal', 'x', 'go', '--payload', 'null', '--id', '1'],
  ]) {
    const { code, err } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.match(err, /NO_STACK/)
  }
})
