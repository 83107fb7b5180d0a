import t from 'tap'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'
import { assertWrongUsage } from '../wrong-usage.ts'

const { murmur } = openIsolatedCliFixture(t)

t.test('wrong usage is told before anything is connected to', (t) =>
  assertWrongUsage(t, murmur, [
    [['inbox', '--limit', '201'], /must be a whole number from 1 to 200/],
    [['inbox', '--task', 'a.b'], /no dots/],
    [['approve', 'x'], /missing required argument 'step'/],
    [['approve', 'x', 'a', '--attempt', '0'], /must be a whole number from 1/],
    [['approve', 'x', 'a', '--subject', '{'], /--subject: it is not JSON/],
    [['reject', 'x', 'a', '--subject', '1'], /unknown option '--subject'/],
    [['reject', 'x', 'a', '--comment', 'x'.repeat(4001)], /4000/],
  ]),
)

t.test('what is right needs a stack', async (t) => {
  for (const args of [
    ['inbox', '--for', 'finance'],
    ['approve', 'x', 'a', '--value', 'n=1'],
    ['reject', 'x', 'a', '--attempt', '2'],
  ]) {
    const { code, err } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.match(err, /NO_STACK/)
  }
})
