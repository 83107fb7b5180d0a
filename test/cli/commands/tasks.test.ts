import t from 'tap'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'
import { assertWrongUsage } from '../wrong-usage.ts'

const { murmur } = openIsolatedCliFixture(t)

t.test('wrong usage is told before anything is connected to', (t) =>
  assertWrongUsage(t, murmur, [
    [['tasks', 'cancel'], /name tasks by their ids or by a filter/],
    [['tasks', 'cancel', '--dry-run'], /name tasks by their ids or by a filter/],
    [['tasks', 'cancel', 'x', '--type', 'plan'], /one of both/],
    [['tasks', 'retry', 'a.b'], /no dots/],
    [['tasks', 'pause', '--status', 'lost'], /Allowed choices are scheduled, running/],
    [['tasks', 'resume', '--type', 'plan', '--reason', 'x'], /unknown option '--reason'/],
    [['tasks', 'cancel', '--type', 'plan', '--request-id', 'x'], /unknown option '--request-id'/],
    [['tasks', 'explode', 'x'], /unknown command 'explode'/],
  ]),
)

t.test('what is right needs a stack', async (t) => {
  for (const args of [
    ['tasks', 'cancel', 'x', 'y'],
    ['tasks', 'retry', '--label', 'a=b', '--request-id', 'r'],
    ['tasks', 'pause', '--since', '1h', '--reason', 'r'],
    ['tasks', 'cancel', '--text', 'acme'],
  ]) {
    const { code, err } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.match(err, /NO_STACK/)
  }
})
