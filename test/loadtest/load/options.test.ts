import t from 'tap'
import { durationOf, readOptions, USAGE, UsageError } from '../../../loadtest/load/options.ts'

const read = (...argv: string[]) => readOptions(argv, {})

t.test('a scenario as its row has it, or otherwise', async (t) => {
  t.match(read('baseline'), {
    scenario: { name: 'baseline', users: 100, durationMs: 60_000 },
    transports: ['rest', 'grpc'],
    hasFaults: true,
    seed: 1,
  })
  t.match(read('endurance', '--duration', '8h', '--users', '20').scenario, {
    users: 20,
    durationMs: 28_800_000,
  })
  t.match(read('--smoke').scenario, { name: 'smoke' })
  t.match(read('high', '--rate', '50').scenario, { ratePerSecond: 50 })
})

t.test('a deployment: nothing of it is killed, gRPC only where its address is known', async (t) => {
  const options = readOptions(['high', '--edge', 'https://edge.example.org'], { MURMUR_API_KEY: 'k' })
  t.match(options, { edge: 'https://edge.example.org', key: 'k', hasFaults: false, transports: ['rest'] })
  t.match(read('high', '--edge', 'http://e', '--grpc', 'e:1').transports, ['rest', 'grpc'])
  t.match(read('high', '--no-faults'), { hasFaults: false })
  t.match(read('high', '--transport', 'grpc').transports, ['grpc'])
})

t.test('how long open tasks may take follows the run unless it is said', async (t) => {
  t.equal(read('smoke').settleMs, 20_000)
  t.equal(read('endurance').settleMs, 120_000)
  t.equal(read('smoke', '--settle', '3s').settleMs, 3000)
})

t.test('what can not be meant is refused, with what is wrong', async (t) => {
  for (const [argv, message] of [
    [[], /which scenario/],
    [['none'], /no scenario "none"; there are baseline/],
    [['high', 'low'], /one scenario at a time/],
    [['high', '--duration', '1y'], /--duration: a time such as/],
    [['high', '--users', '1.5'], /--users: a whole number/],
    [['high', '--users', '5', '--rate', '5'], /only one of them/],
    [['high', '--rate', '0'], /--rate/],
    [['high', '--edge', 'example.org'], /--edge/],
    [['high', '--grpc', 'x:1'], /--grpc goes with --edge/],
    [['high', '--edge', 'http://x', '--transport', 'grpc'], /needs --grpc/],
    [['high', '--transport', 'soap'], /rest, grpc or both/],
    [['high', '--seed', ''], /--seed/],
    [['high', '--failures', '2'], /--failures/],
    [['high', '--what'], /--what/],
  ] as const)
    t.throws(() => read(...argv), { constructor: UsageError, message }, argv.join(' '))
})

t.test('durations have units, and bounds', async (t) => {
  t.equal(durationOf('x', '90'), 90_000)
  t.equal(durationOf('x', '1500ms'), 1500)
  t.equal(durationOf('x', '1.5m'), 90_000)
  for (const text of ['0s', '8d', '-1s', '', '999h'])
    t.throws(() => durationOf('x', text), { message: /a time such as/ })
})

t.test('the usage names every scenario', async (t) => {
  for (const name of ['baseline', 'high', 'extreme', 'spike', 'endurance', 'throughput', 'smoke'])
    t.match(USAGE, name)
})
